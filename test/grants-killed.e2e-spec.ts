import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  AUTHORIZATION_SERVERS,
  type AuthorizationServer,
  PersonDemand,
  startAuthorizationServer,
} from './support/authorization/authorization-server.js';
import { Browser } from './support/authorization/browser.js';
import { closesAfterEach } from './support/ends.js';
import { get, post } from './support/exchange.js';
import { opensForFile } from './support/process/opening-process.js';
import { type RunningProcess, startGateway } from './support/processes.js';
import { RawMcpServer, textResult } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';
import { RedisServer } from './support/redis/redis-server.js';
import { until } from './support/until.js';

const ADMIN_KEY = { name: 'admin', key: 'admin-key-1234567890', role: 'admin' };
const ADMIN = { authorization: `Bearer ${ADMIN_KEY.key}` };
const ANN = { authorization: 'Bearer ann-key-1234567890' };
/** So many calls need the same new token at once. */
const CALLS = 20;

const closing = closesAfterEach();
const issuers = opensForFile(AUTHORIZATION_SERVERS);
const folder = temporaryFolder();

/** Where grants are kept, as the environment says it. */
const STORES: readonly (readonly [string, () => Promise<Record<string, string>>])[] = [
  ['a file', () => Promise.resolve({})],
  ['Redis', async () => ({ REDIS_URL: closing(await RedisServer.start()).url })],
];

describe.each(STORES)('[AC8][S7] grants kept in %s, of a gateway that is killed', (_, store) => {
  let issuer: AuthorizationServer;
  let demand: PersonDemand;
  let start: () => Promise<RunningProcess>;
  beforeEach(async () => {
    issuer = closing(await startAuthorizationServer(issuers));
    demand = new PersonDemand(issuer.url);
    const who = async (authorization: string | undefined) => (await demand.judge(authorization))?.sub ?? 'nobody';
    const on = {
      'tools/call': async (exchange: { headers: { authorization?: string }; result(result: unknown): void }) =>
        exchange.result(textResult(await who(exchange.headers.authorization))),
    };
    const server = closing(await RawMcpServer.start({ guard: demand.guard, on }));
    demand.of(server);
    const config = path.join(folder(), 'mcp.json');
    const entry = (oauth: object) => ({ url: server.url, oauth: { ...oauth, allowPrivateAddresses: true } });
    writeFileSync(config, JSON.stringify({ mcpServers: { ops: entry({}), mail: entry({ per: 'user' }) } }));
    const keys = path.join(folder(), 'keys.json');
    writeFileSync(keys, JSON.stringify({ keys: [ADMIN_KEY, { name: 'ann', key: 'ann-key-1234567890' }] }));
    const env = {
      API_KEYS_FILE: keys,
      ALLOW_GRANT_BY_LINK: 'true',
      STATE_ENCRYPTION_KEY: 'k'.repeat(32),
      XDG_STATE_HOME: folder(),
      ...(await store()),
    };
    start = async () => closing(await startGateway({ args: ['--config', config], env }));
  });

  const call = (gateway: RunningProcess, server: string) => post(gateway.url, `/${server}/work`, {}, ANN);
  const said = async (gateway: RunningProcess, server: string) => {
    const { status, text } = await call(gateway, server);
    return status === 200 ? (JSON.parse(text) as unknown) : { status, text };
  };
  const ops = async (gateway: RunningProcess) =>
    (
      JSON.parse((await get(gateway.url, '/v1/servers', ADMIN)).text) as {
        servers: { name: string; state: string; authorizeUrl?: string }[];
      }
    ).servers.find(({ name }) => name === 'ops');
  const works = (gateway: RunningProcess, server: string) =>
    until(`${server} works`, async () => (await call(gateway, server)).status === 200);

  const granted = async () => {
    const gateway = await start();
    await new Browser('olga').open(await until('there is a link', async () => (await ops(gateway))?.authorizeUrl));
    const { text } = await until('it is refused', async () => {
      const answer = await call(gateway, 'mail');
      return answer.status === 403 && answer;
    });
    await new Browser('ann').open((JSON.parse(text) as { error: { details: { url: string } } }).error.details.url);
    for (const server of ['ops', 'mail']) await works(gateway, server);
    return gateway;
  };

  it('are there when it is started again, the operator’s and the user’s: nobody is asked, nothing renewed', async () => {
    const gateway = await granted();
    const before = await issuer.granted();
    expect(before).toEqual(['authorization_code', 'authorization_code']);
    await gateway.stop('SIGKILL');
    const again = await start();
    await works(again, 'ops');
    expect([await said(again, 'ops'), await said(again, 'mail')]).toEqual(['olga', 'ann']);
    expect(await issuer.granted()).toEqual(before);
    expect(await ops(again)).not.toHaveProperty('authorizeUrl');
  });

  it('are there though it was renewing both: each is renewed once by the next, for all calls, and nobody is asked', async () => {
    await issuer.setLifetime(4);
    const gateway = await granted();
    await issuer.setLifetime(3600);
    await issuer.setHold(true);
    const before = (await issuer.granted()).length;
    const cut: Promise<unknown>[] = [];
    await until('both are being renewed', async () => {
      for (const server of ['ops', 'mail']) cut.push(call(gateway, server).catch(() => undefined));
      return (await issuer.held()) === 2;
    });
    await gateway.stop('SIGKILL');
    await Promise.all(cut);
    await until('what was asked for is given up', async () => (await issuer.held()) === 0);
    await issuer.setHold(false);
    const again = await start();
    const both = ['ops', 'mail'] as const;
    await Promise.all(both.map((server) => works(again, server)));
    const answers = await Promise.all(both.flatMap((server) => Array.from({ length: CALLS }, () => said(again, server))));
    expect(new Set(answers)).toEqual(new Set(['olga', 'ann']));
    expect((await issuer.granted()).slice(before)).toEqual(['refresh_token', 'refresh_token']);
    expect(await ops(again)).toMatchObject({ state: 'up' });
    expect(await ops(again)).not.toHaveProperty('authorizeUrl');
  });
});
