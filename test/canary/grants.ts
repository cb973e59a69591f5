import { type Exchange, request } from '../support/exchange.ts';
import { Browser } from '../support/authorization/browser.ts';
import { type Exchange as ServerExchange, RawMcpServer, toolOf } from '../support/raw-mcp-server.ts';
import { until } from '../support/until.ts';
import { type LeakyAuthorizationServer, startLeakyAuthorizationServer } from './authorization-server.ts';
import type { Canaries } from './canaries.ts';

/** Servers that people grant tokens for: `ops` whoever runs the gateway, `mail` each user. */
export interface GrantedServers {
  readonly issuer: LeakyAuthorizationServer;
  readonly server: RawMcpServer;
  /** For the config file. */
  readonly entries: Readonly<Record<string, object>>;
  stop(): Promise<void>;
}

export async function startGrantedServers(canaries: Canaries, repeat: (exchange: ServerExchange) => void): Promise<GrantedServers> {
  const issuer = await startLeakyAuthorizationServer(canaries);
  const server = await RawMcpServer.start({
    tools: ['work', 'fail', 'refuse', 'crash'].map(toolOf),
    on: { 'tools/call': repeat },
    guard: (exchange) => {
      const isKnown = issuer.personOf(exchange.headers.authorization) !== undefined;
      if (!isKnown) exchange.send(401, JSON.stringify(exchange.headers), { 'www-authenticate': 'Bearer' });
      return isKnown;
    },
  });
  server.elsewhere = (exchange) =>
    exchange.request.url?.startsWith('/.well-known/oauth-protected-resource')
      ? exchange.json(200, { resource: server.url, authorization_servers: [issuer.url] })
      : exchange.send(404);
  const entry = (oauth: object) => ({ url: server.url, oauth: { allowPrivateAddresses: true, ...oauth } });
  return {
    issuer,
    server,
    entries: { ops: entry({}), mail: entry({ per: 'user' }) },
    stop: async () => {
      await server.stop();
      await issuer.close();
    },
  };
}

/** Grants both, has them renewed, called and taken back; gives what the gateway answered, and calls `look` while things are under way. */
export async function grantAndUse(
  gatewayUrl: string,
  { issuer }: GrantedServers,
  canaries: Canaries,
  look: () => Promise<void>,
): Promise<Exchange[]> {
  const answers: Exchange[] = [];
  const headers = { authorization: `Bearer ${canaries.at('API_KEYS')}`, 'content-type': 'application/json' };
  const ask = async (method: string, target: string, body?: string) => {
    const answer = await request(gatewayUrl, target, { method, headers, ...(body !== undefined && { body }) });
    answers.push(answer);
    return answer;
  };
  const come = async (browser: Browser, state: string | null, code: string) => {
    const { text } = await browser.open(
      `${gatewayUrl.replace('127.0.0.1', 'localhost')}/oauth/callback?${new URLSearchParams({ state: state ?? '', code })}`,
    );
    answers.push({ status: 200, headers: {}, text } as unknown as Exchange);
  };
  const operatorsState = async (before?: string) => {
    const link = await until('there is a link', async () => {
      const { servers } = JSON.parse((await ask('GET', '/v1/servers')).text) as { servers: { name: string; authorizeUrl?: string }[] };
      const url = servers.find(({ name }) => name === 'ops')?.authorizeUrl;
      return url !== before && url;
    });
    return { link, state: new URL(link).searchParams.get('state') };
  };
  const usersState = async (browser: Browser) => {
    const { text } = await ask('POST', '/mail/work', '{}');
    const { url } = (JSON.parse(text) as { error: { details: { url: string } } }).error.details;
    canaries.note('link of a user', url.slice(url.lastIndexOf('/') + 1));
    const { url: there } = await browser.open(url, ({ origin }) => origin === issuer.url);
    return new URL(there).searchParams.get('state');
  };
  const works = (server: string) => until(`${server} works`, async () => (await ask('POST', `/${server}/work`, '{}')).status === 200);

  const first = await operatorsState();
  await come(new Browser('olga'), first.state, issuer.badCode);
  const { state } = await operatorsState(first.link);
  await look();
  await come(new Browser('olga'), state, issuer.codeOf('the operator'));
  const ann = new Browser('ann');
  await come(ann, await usersState(ann), issuer.badCode);
  const usersOwn = await usersState(ann);
  await look();
  await come(ann, usersOwn, issuer.codeOf('the user'));
  for (const server of ['ops', 'mail']) {
    await works(server);
    const renewed = canaries.places.length;
    await until(`${server} is renewed`, async () => {
      for (const tool of ['work', 'fail', 'refuse', 'crash']) await ask('POST', `/${server}/${tool}`, '{}');
      return (
        canaries.places.length > renewed ||
        canaries.places.includes(`access token of ${server === 'ops' ? 'the operator' : 'the user'}, renewed`)
      );
    });
  }
  await look();
  for (const target of ['/v1/grants', '/v1/servers', '/v1/errors', '/metrics', '/health', '/health/mcp']) await ask('GET', target);
  for (const server of ['ops', 'mail']) await ask('DELETE', `/v1/grants/${server}`);
  await look();
  return answers;
}
