import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { closesAfterEach } from './support/ends.js';
import { get, post } from './support/exchange.js';
import { type Issuer, ISSUERS, startIssuer } from './support/authorization/issuer.js';
import { A_JWT } from './support/authorization/jwt.js';
import { opensForFile } from './support/process/opening-process.js';
import { startGateway } from './support/processes.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';
import { TokenDemand } from './support/authorization/token-demand.js';
import { until } from './support/until.js';

const PAIRS = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
};
const NAMES = Object.keys(PAIRS) as (keyof typeof PAIRS)[];

const closing = closesAfterEach();
const issuers = opensForFile(ISSUERS);
const folder = temporaryFolder();

interface Report {
  readonly name: string;
  readonly state: string;
  readonly tools: number;
  readonly lastError?: string;
}

describe('[AC8] access tokens by a key of the client (RFC 7523)', () => {
  let issuer: Issuer;
  beforeEach(async () => {
    issuer = closing(await startIssuer(issuers));
    await issuer.setClientKeys(NAMES.map((name) => ({ ...PAIRS[name].publicKey.export({ format: 'jwk' }), kid: name })));
  });

  /** A gateway with a server for each key, from the file of servers. */
  const start = async (keys: Readonly<Record<string, string>>) => {
    const mcpServers: Record<string, object> = {};
    for (const [name, privateKey] of Object.entries(keys)) {
      const demand = new TokenDemand(issuer);
      const server = closing(await RawMcpServer.start({ guard: demand.guard }));
      demand.audience = server.url;
      const oauth = { grant: 'client_credentials', clientId: 'signer', privateKey, issuer: issuer.url };
      mcpServers[name] = { url: server.url, oauth };
    }
    const config = path.join(folder(), 'mcp.json');
    writeFileSync(config, JSON.stringify({ mcpServers }));
    return closing(await startGateway({ args: ['--config', config], env: { LOG_LEVEL: 'debug' } }));
  };
  const reports = async (url: string) => (JSON.parse((await get(url, '/v1/servers')).text) as { servers: Report[] }).servers;

  it('go with every request, whatever kind of key it is; neither keys nor what they sign are shown anywhere', async () => {
    const file = path.join(folder(), 'rsa.pem');
    writeFileSync(file, pemOf(PAIRS.rsa.privateKey, 'pkcs1'));
    const keys = { p256: pemOf(PAIRS.p256.privateKey, 'sec1'), p384: pemOf(PAIRS.p384.privateKey), p521: pemOf(PAIRS.p521.privateKey) };
    const gateway = await start({ rsa: `\${file:${file}}`, ...keys });
    await until('all are up', async () => (await reports(gateway.url)).every(({ state, tools }) => state === 'up' && tools === 1));
    for (const name of NAMES) {
      const { status, text } = await post(gateway.url, `/${name}/work`, {});
      expect([name, status, text]).toEqual([name, 200, '"done"']);
    }
    const said = [...gateway.stdout, ...gateway.stderr, JSON.stringify(await reports(gateway.url))].join('\n');
    expect(said).not.toMatch(/PRIVATE KEY|client_assertion/);
    expect(said).not.toMatch(A_JWT);
    for (const pem of Object.values(keys)) expect(said).not.toContain(pem.split('\n')[1]);
  });

  it('are refused for another key than the client is known by', async () => {
    const gateway = await start({ other: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey) });
    const refused = await until('it is refused', async () => (await reports(gateway.url)).find(({ state }) => state === 'needs_auth'));
    expect(refused.lastError).toBe('No access token: the authorization server refuses the client (invalid_client).');
  });
});

function pemOf(key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8'): string {
  return key.export({ type, format: 'pem' } as never).toString();
}
