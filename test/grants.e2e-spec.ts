import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createInterface } from 'node:readline';
import path from 'node:path';
import type { PersonGrantSettings } from '@app/mcp-transport';
import { Grants } from '../src/grants/grants.service.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { Browser } from './support/authorization/browser.js';
import {
  AUTHORIZATION_SERVERS,
  type AuthorizationServer,
  PersonDemand,
  startAuthorizationServer,
} from './support/authorization/authorization-server.js';
import { GATEWAY } from './support/built.js';
import { closesAfterEach } from './support/ends.js';
import { get, jsonAnswer, post, request, told } from './support/exchange.js';
import { freePort } from './support/network/free-port.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { opensForFile } from './support/process/opening-process.js';
import { startGateway } from './support/processes.js';
import { RedisServer } from './support/redis/redis-server.js';
import { startKeyServer } from './support/authorization/issuer.js';
import { A_JWT } from './support/authorization/jwt.js';
import { OPERATORS } from './support/authorization/person-grant-settings.js';
import { RawMcpServer, type RawServerOptions } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';
import { untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const KEY = 'k'.repeat(32);
/** What StateCipher leaves for others to see. */
const SEALED = /^v1\.[\w+/]+={0,2}$/;
const METADATA = {
  issuer: 'https://evil.example',
  authorization_endpoint: 'https://evil.example/auth',
  token_endpoint: 'https://evil.example/token',
  response_types_supported: ['code'],
};

const closing = closesAfterEach();
const issuers = opensForFile(AUTHORIZATION_SERVERS);
const folder = temporaryFolder();

describe('[AC8] a grant of whoever runs the gateway', () => {
  let issuer: AuthorizationServer;
  beforeEach(async () => {
    issuer = closing(await startAuthorizationServer(issuers));
  });

  const startServer = async (options: RawServerOptions = {}) => {
    const demand = new PersonDemand(issuer.url);
    const server = closing(await RawMcpServer.start({ guard: demand.guard, ...options }));
    demand.of(server);
    return { demand, server };
  };

  const serve = async (server: { readonly url: string }, more: Partial<PersonGrantSettings> = {}, env: Record<string, string> = {}) =>
    closing(await startGatewayHere(env, [httpUpstream(server.url, { oauth: { ...OPERATORS, ...more } })]));

  const report = async (gateway: GatewayHere) =>
    (
      JSON.parse((await get(gateway.url, '/v1/servers')).text) as {
        servers: { state: string; lastError?: string; authorizeUrl?: string }[];
      }
    ).servers[0];
  const link = (gateway: GatewayHere) => until('there is a link', async () => (await report(gateway))?.authorizeUrl);
  const call = (gateway: GatewayHere) => post(gateway.url, '/v1/tools/work', {});

  it('is asked for by a link; once granted, the server comes up by itself', async () => {
    const { demand, server } = await startServer();
    const gateway = await serve(server);
    const url = await link(gateway);
    expect(await report(gateway)).toMatchObject({
      state: 'needs_authorization',
      lastError:
        'No access token: a person has to authorize it: open the link that /v1/servers shows to admins, or run mcpo-proxy authorize default',
    });
    const { searchParams } = new URL(url);
    expect(Object.fromEntries(searchParams)).toEqual({
      response_type: 'code',
      client_id: expect.any(String) as string,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge_method: 'S256',
      redirect_uri: `${gateway.url.replace('127.0.0.1', 'localhost')}/oauth/callback`,
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      scope: 'read offline_access',
      prompt: 'consent',
      resource: server.url,
    });
    const page = await new Browser('ann').open(url);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('The gateway may use &#34;default&#34; now.')]);
    await untilPublished(gateway, 'work');
    expect(told(await call(gateway))).toEqual(jsonAnswer('"done"'));
    expect(demand.callers).toEqual(['ann']);
    expect(await report(gateway)).not.toHaveProperty('authorizeUrl');
  });

  it('is refreshed before it ends: 50 calls at that moment ask once', async () => {
    await issuer.setLifetime(4);
    const { server } = await startServer();
    const gateway = await serve(server);
    await new Browser('ann').open(await link(gateway));
    await untilPublished(gateway, 'work');
    const before = (await issuer.granted()).length;
    await issuer.setLifetime(3600);
    await until('the token has to be refreshed', async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => call(gateway)));
      for (const answer of answers) expect(told(answer)).toEqual(jsonAnswer('"done"'));
      return (await issuer.granted()).length > before;
    });
    expect((await issuer.granted()).slice(before)).toEqual(['refresh_token']);
  });

  it('[S6] is remembered of servers that there are, however often others take their place', async () => {
    const { server } = await startServer();
    const gateway = await serve(server);
    await link(gateway);
    const [client, grants] = [gateway.app.get(McpClient), gateway.app.get(Grants)];
    let before: string | undefined;
    for (let round = 0; round < 5; round += 1) {
      const clientMetadata = { client_name: `gateway ${round}` };
      const upstreams = [`a${round}`, 'same'].map((name) => httpUpstream(server.url, { name, oauth: { ...OPERATORS, clientMetadata } }));
      client.apply({ upstreams, inactiveServers: [] });
      await until('the new ones have links', () => grants.linkOf(`a${round}`) && grants.linkOf('same') !== before);
      before = grants.linkOf('same');
      expect(grants.size).toBe(2);
    }
    client.apply({ upstreams: [], inactiveServers: [] });
    expect(grants.size).toBe(0);
  });

  it('[S7] outlives the process in a file that only its owner can read, encrypted; and is for one address of the server', async () => {
    const { demand, server } = await startServer();
    const state = folder();
    const env = { STATE_ENCRYPTION_KEY: KEY, XDG_STATE_HOME: state };
    const first = await serve(server, {}, env);
    await new Browser('ann').open(await link(first));
    await untilPublished(first, 'work');
    await first.close();
    const file = path.join(state, 'mcpo-proxy', 'grants.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const [name, { text }] of Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, { text: string }>)) {
      expect([name, text]).toEqual([expect.stringMatching(/^kept:[\w-]{43}$/), expect.stringMatching(SEALED)]);
      expect(Buffer.from(text.slice('v1.'.length), 'base64').toString('latin1')).not.toMatch(/default|access|refresh|127\.0\.0\.1/);
    }
    const again = await serve(server, {}, env);
    await untilPublished(again, 'work');
    expect(told(await call(again))).toEqual(jsonAnswer('"done"'));
    const other = closing(await RawMcpServer.start({ guard: (exchange) => (exchange.send(401), Promise.resolve(false)) }));
    const moved = await serve(other, {}, env);
    await until('it is refused', () => other.exchanges.length > 0);
    await until('it is reported', async () => (await report(moved))?.state !== 'starting');
    expect(other.exchanges.map(({ headers }) => headers.authorization).filter(Boolean)).toEqual([]);
    expect(demand.callers).toEqual(['ann']);
  });

  it('asks for more when the server says that it is good for too little, and keeps what was granted before', async () => {
    const { demand, server } = await startServer();
    const gateway = await serve(server);
    await new Browser('ann').open(await link(gateway));
    await untilPublished(gateway, 'work');
    demand.wantsWrite = true;
    expect(await call(gateway)).toMatchObject({ status: 502 });
    const more = await link(gateway);
    expect(new URL(more).searchParams.get('scope')?.split(' ').sort()).toEqual(['offline_access', 'read', 'write']);
    expect(await new Browser('ann').open(more)).toMatchObject({ status: 200 });
    expect(told(await call(gateway))).toEqual(jsonAnswer('"done"'));
  });

  it("takes a client that was registered beforehand, and mcpo's port for the browser's way back", async () => {
    const redirectUrl = `http://localhost:${await freePort()}/callback`;
    const known = closing(await startAuthorizationServer(issuers, [redirectUrl]));
    const demand = new PersonDemand(known.url);
    const server = closing(await RawMcpServer.start({ guard: demand.guard }));
    demand.of(server);
    const gateway = await serve(server, { clientId: 'gateway', clientSecret: 'gateway:secret+50%25', redirectUrl });
    const page = await new Browser('ann').open(await link(gateway));
    expect([page.status, page.text]).toEqual([200, 'Authorized. This page can be closed.\n']);
    await untilPublished(gateway, 'work');
    const { text } = await request(gateway.url, '/v1/grants/default', { method: 'DELETE' });
    expect(text).toBe('{"server":"default","revoked":true}');
    await until('it waits again', async () => (await report(gateway))?.state === 'needs_authorization');
  });

  it.each<[string, (back: URL) => void, RegExp]>([
    [
      'a state that was never given out',
      (back) => back.searchParams.set('state', 'x'.repeat(43)),
      /was used before, is too old, or was never given out/,
    ],
    ['no state', (back) => back.searchParams.delete('state'), /was used before, is too old, or was never given out/],
    [
      'another issuer',
      (back) => back.searchParams.set('iss', 'https://evil.example'),
      /the answer came from another authorization server than was asked/,
    ],
    [
      'no issuer, where one is due',
      (back) => back.searchParams.delete('iss'),
      /the answer came from another authorization server than was asked/,
    ],
    [
      'a code of nobody',
      (back) => back.searchParams.set('code', 'injected'),
      /the authorization server refuses the client \(invalid_grant\)/,
    ],
    [
      'an error',
      (back) => (back.searchParams.delete('code'), back.searchParams.set('error', 'access_denied')),
      /was not granted \(access_denied\)/,
    ],
  ])('[S7] a browser that comes back with %s brings nothing', async (_, change, reason) => {
    const { demand, server } = await startServer();
    const gateway = await serve(server);
    const { url } = await new Browser('ann').open(await link(gateway), ({ pathname }) => pathname === '/oauth/callback');
    const back = new URL(url);
    change(back);
    const answer = await fetch(back);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringMatching(reason)]);
    expect((await report(gateway))?.state).toBe('needs_authorization');
    expect(demand.callers).toEqual([]);
  });

  it('[S7] the address that a browser comes back to is good once', async () => {
    const { server } = await startServer();
    const gateway = await serve(server);
    const { url } = await new Browser('ann').open(await link(gateway), ({ pathname }) => pathname === '/oauth/callback');
    expect((await fetch(url)).status).toBe(200);
    const again = await fetch(url);
    expect([again.status, await again.text()]).toEqual([400, expect.stringContaining('was used before')]);
  });

  it.each(['by the running gateway', 'pasted'])(
    '[ENV] is asked for by `mcpo-proxy authorize`, without a browser there; the answer is taken %s',
    async (how) => {
      const { server } = await startServer();
      const config = path.join(folder(), 'mcp.json');
      writeFileSync(config, JSON.stringify({ mcpServers: { guarded: { url: server.url, oauth: { allowPrivateAddresses: true } } } }));
      const port = String(await freePort());
      const env = { STATE_ENCRYPTION_KEY: KEY, XDG_STATE_HOME: folder(), PUBLIC_URL: `http://127.0.0.1:${port}` };
      const { PATH = '', HOME = '' } = process.env;
      const child = spawn(process.execPath, [GATEWAY, 'authorize', 'guarded', '--config', config], { env: { PATH, HOME, ...env } });
      const said: string[] = [];
      createInterface({ input: child.stdout }).on('line', (line) => said.push(line.trim()));
      createInterface({ input: child.stderr }).on('line', (line) => said.push(line.trim()));
      const exited = once(child, 'exit');
      const url = await until(`there is a link: ${said.join()}`, () => said.find((line) => line.startsWith(issuer.url)));
      const gateway = closing(await startGateway({ args: ['--config', config], env: { ...env, PORT: port } }));
      if (how === 'pasted') {
        const { url: back } = await new Browser('ann').open(url, ({ pathname }) => pathname === '/oauth/callback');
        child.stdin.write(`no address\n${back}\n`);
      } else expect(await new Browser('ann').open(url)).toMatchObject({ status: 200 });
      expect(await exited).toEqual([0, null]);
      expect(said.at(-1)).toBe('Authorized: "guarded".');
      // One that is not told by a browser looks again after a pause of 30 s at the most.
      await untilPublished(gateway, 'guarded_work', 60_000);
      expect(said.filter((line) => A_JWT.test(line))).toEqual([]);
      await gateway.stop('SIGKILL');
      const again = closing(await startGateway({ args: ['--config', config], env }));
      await untilPublished(again, 'guarded_work');
      expect([...gateway.stdout, ...gateway.stderr, ...again.stdout].filter((line) => A_JWT.test(line))).toEqual([]);
    },
  );

  it('[S7] is shared by replicas through Redis, encrypted: one grant for both, one refresh for 50 calls at each', async () => {
    await issuer.setLifetime(6);
    const redis = closing(await RedisServer.start());
    const { demand, server } = await startServer();
    const env = { STATE_ENCRYPTION_KEY: KEY, REDIS_URL: redis.url };
    const [one, other] = [await serve(server, {}, env), await serve(server, {}, env)];
    await new Browser('ann').open(await link(one));
    // Lists are shared: that of the one is published by the other before that has its own connection.
    const states = async (gateway: GatewayHere) => (await get(gateway.url, '/v1/servers')).text;
    for (const gateway of [one, other]) await until('it is up', async () => (await states(gateway)).includes('"state":"up"'));
    const before = (await issuer.granted()).length;
    await issuer.setLifetime(3600);
    await until('the token has to be refreshed', async () => {
      const calls = [one, other].flatMap((gateway) => Array.from({ length: 50 }, () => call(gateway)));
      for (const answer of await Promise.all(calls)) expect(told(answer)).toEqual(jsonAnswer('"done"'));
      return (await issuer.granted()).length > before;
    });
    for (const gateway of [one, other]) expect((await call(gateway)).status).toBe(200);
    expect((await issuer.granted()).slice(before)).toEqual(['refresh_token']);
    expect(new Set(demand.callers)).toEqual(new Set(['ann']));
    const client = await redis.client();
    const names = await client.keys('*grants*');
    expect(names.length).toBeGreaterThan(0);
    for (const name of names)
      expect([name, await client.get(name)]).toEqual([
        expect.stringMatching(/^mcpo:grants:(begun|kept):[\w-]{43}$/),
        expect.stringMatching(SEALED),
      ]);

    const lists = async () =>
      Object.fromEntries(await Promise.all((await client.keys('*tools*')).map(async (name) => [name, await client.get(name)])));
    const listed = await lists();
    const config = path.join(folder(), 'mcp.json');
    writeFileSync(config, JSON.stringify({ mcpServers: { default: { url: server.url, oauth: { allowPrivateAddresses: true } } } }));
    const { PATH = '', HOME = '' } = process.env;
    const check = spawn(process.execPath, [GATEWAY, 'check', '--config', config], { env: { PATH, HOME, ...env } });
    const said: string[] = [];
    for (const stream of [check.stdout, check.stderr]) stream.on('data', (text) => said.push(String(text)));
    expect([...(await once(check, 'close')), said.join('')]).toEqual([0, null, expect.stringContaining('1 of 1 servers work.')]);
    expect(await lists()).toEqual(listed);
  });

  it('is asked for by `mcpo-proxy check`, too', async () => {
    const { server } = await startServer();
    const config = path.join(folder(), 'mcp.json');
    writeFileSync(config, JSON.stringify({ mcpServers: { tracker: { url: server.url, oauth: { allowPrivateAddresses: true } } } }));
    const { PATH = '', HOME = '' } = process.env;
    const check = spawn(process.execPath, [GATEWAY, 'check', '--config', config], { env: { PATH, HOME, XDG_STATE_HOME: folder() } });
    const said: string[] = [];
    for (const stream of [check.stdout, check.stderr]) stream.on('data', (text) => said.push(String(text)));
    expect(await once(check, 'close')).toEqual([1, null]);
    expect(said.join('')).toMatch(/a person has to authorize it: .*mcpo-proxy authorize tracker/);
    expect(said.join('')).toContain(`${issuer.url}/auth?`);
  });

  it.each<[string, RequestListener, RegExp]>([
    ['answers no JSON', (_, response) => response.end('<html>CANARY'), /what the authorization server answered cannot be read/],
    ['fails', (_, response) => response.writeHead(500).end('CANARY'), /what the authorization server answered cannot be read/],
    [
      'is another one than its metadata say',
      (_, response) => response.end(JSON.stringify(METADATA)),
      /metadata of the authorization server are those of another one/,
    ],
    ['is not there', (request) => request.socket.destroy(), /the authorization server cannot be reached/],
  ])('[S7] an authorization server that %s is told in one sentence of ours, and asked again later', async (_, answer, reason) => {
    const lying = closing(await startKeyServer(answer));
    const demand = new PersonDemand(lying.url);
    demand.refusesAll = true;
    const server = closing(await RawMcpServer.start({ guard: demand.guard }));
    demand.of(server);
    const gateway = await serve(server);
    const { state, lastError } = await until('it is told', async () => {
      const found = await report(gateway);
      return found?.lastError === undefined ? undefined : found;
    });
    expect([state, lastError]).toEqual([expect.stringMatching(/^(?:degraded|needs_auth)$/), expect.stringMatching(reason)]);
    expect(lastError).not.toContain('CANARY');
    expect(await call(gateway)).toMatchObject({ status: 503 });
  });
});
