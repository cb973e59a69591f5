/**
 * `npm run sec:canary`: secrets of every kind go into a gateway that logs all it can, past servers that repeat what they were given; then they are
 * looked for wherever they must not be. The last line is `N passed, N failed`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { printTable } from '../../bench/support/table.ts';
import { type Exchange, request } from '../support/exchange.ts';
import { startGateway } from '../support/processes.ts';
import { type Exchange as ServerExchange, RawMcpServer, toolOf } from '../support/raw-mcp-server.ts';
import { ROOT } from '../support/processes.ts';
import { untilPublished } from '../support/tool-requests.ts';
import { until } from '../support/until.ts';
import { ChatEvents } from '../support/chat/chat-events.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { Canaries } from './canaries.ts';
import { grantAndUse, startGrantedServers } from './grants.ts';

/** What an authorization server and its client say to each other. */
const OF_GRANTS = /^(?:secret of a registration|a code that is refused|(?:access token|refresh token|code|PKCE verifier) of )/;

const LOG_PAYLOADS = ['off', 'shape', 'redacted'] as const;

const folder = mkdtempSync(path.join(tmpdir(), 'mcpo-canary-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

interface Sink {
  readonly name: string;
  readonly text: string;
  /** Places whose secrets belong there. */
  readonly allowed: readonly string[];
}

const rows: string[][] = [];
let [passed, failed] = [0, 0];
for (const logPayloads of LOG_PAYLOADS) {
  const canaries = new Canaries();
  const sinks = await sinksOf(canaries, logPayloads);
  for (const { name, text, allowed } of sinks) {
    const found = canaries.foundIn(text).filter((place) => !allowed.includes(place));
    if (text.length === 0) found.push('(nothing was there to look at)');
    if (found.length === 0) passed++;
    else failed++;
    rows.push([`LOG_PAYLOADS=${logPayloads}`, name, String(text.length), String(canaries.places.length), found.join(', ') || 'none']);
  }
}
printTable(['gateway', 'looked at', 'characters', 'secrets', 'found'], rows);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** Runs a gateway through everything; gives all that was said. */
async function sinksOf(canaries: Canaries, logPayloads: string): Promise<Sink[]> {
  const trusted = await RawMcpServer.start({
    path: `/mcp?key=${canaries.at('query of its URL')}`,
    tools: ['work', 'fail', 'refuse', 'crash'].map(toolOf),
    on: { 'tools/call': answerByRepeating },
  });
  const other = await RawMcpServer.start();
  const openWebUi = await ChatEvents.start();
  openWebUi.answers = ({ headers, response }) => response.writeHead(500, 'No').end(JSON.stringify(headers));
  const granted = await startGrantedServers(canaries, answerByRepeating);
  const kept = await startStore(logPayloads, canaries);
  const witness = path.join(folder, `witness-${logPayloads}`);
  writeFileSync(witness, '');
  const gateway = await startGateway({
    cwd: folder,
    args: ['--config', configFile(canaries, { trusted, other, witness, granted: granted.entries })],
    env: {
      LOG_LEVEL: 'trace',
      LOG_PAYLOADS: logPayloads,
      API_KEYS_FILE: keysFile(canaries),
      ALLOW_GRANT_BY_LINK: 'true',
      STATE_ENCRYPTION_KEY: canaries.at('STATE_ENCRYPTION_KEY'),
      ...kept.env,
      OPENWEBUI_SECRET_KEY: canaries.at('OPENWEBUI_SECRET_KEY'),
      FORWARD_USER_INFO_HEADER_JWT_SECRET: canaries.at('FORWARD_USER_INFO_HEADER_JWT_SECRET'),
      OPENWEBUI_URL: openWebUi.url,
      OPENWEBUI_API_KEY: canaries.at('OPENWEBUI_API_KEY'),
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${canaries.at('OTEL_EXPORTER_OTLP_HEADERS')}`,
      ALERT_WEBHOOK_URL: `http://127.0.0.1:1/${canaries.at('ALERT_WEBHOOK_URL')}`,
      MCP_HEADERS: JSON.stringify({ 'X-Unused': canaries.at('MCP_HEADERS beside a config file') }),
    },
  });
  const answers: Exchange[] = [];
  try {
    for (const tool of ['trusted_work', 'other_work', 'leaky_work']) await untilPublished(gateway, tool);
    const ask = async (method: string, target: string, headers: Record<string, string>, body?: string) => {
      answers.push(await request(gateway.url, target, { method, headers, ...(body !== undefined && { body }) }));
    };
    answers.push(...(await grantAndUse(gateway.url, granted, canaries, kept.look)));
    await askEverything(ask, canaries);
    await kept.look();
    trusted.notify('notifications/tools/list_changed');
    for (const target of [
      '/metrics',
      '/v1/servers',
      '/v1/errors',
      '/openapi.json',
      '/health',
      '/health/mcp',
      '/health/redis',
      '/health/openwebui',
      '/ready',
      '/docs',
      '/gateway/openapi.json',
    ])
      await ask('GET', target, { authorization: `Bearer ${canaries.at('API_KEYS')}` });
    await until('everything is logged', () => gateway.stdout.length > answers.length);
  } finally {
    await gateway.stop();
    await trusted.stop();
    await other.stop();
    await openWebUi.stop();
    await granted.stop();
    await kept.stop();
  }
  const textOfAnswer = ({ headers, text }: Exchange) => `${JSON.stringify(headers)}\n${text}`;
  const textOfRequest = ({ request: { url, rawHeaders }, text }: ServerExchange) => `${url} ${rawHeaders.join(' ')}\n${text}`;
  const arrivals = ['X-Teams-Auth-Token', 'argument'];
  return [
    { name: 'log, stdout and stderr', text: [...gateway.stdout, ...gateway.stderr].join('\n'), allowed: [] },
    // The link is for whoever called.
    { name: 'answers and metrics', text: answers.map(textOfAnswer).join('\n'), allowed: ['link of a user'] },
    {
      name: 'the server that they are for',
      text: trusted.exchanges.map(textOfRequest).join('\n'),
      allowed: [...arrivals, 'headers of its entry', 'userinfo of its URL', 'query of its URL'],
    },
    {
      name: 'Open WebUI',
      text: openWebUi.posts.map(({ line, headers, body }) => `${line} ${JSON.stringify(headers)}\n${JSON.stringify(body)}`).join('\n'),
      allowed: ['OPENWEBUI_API_KEY'],
    },
    { name: 'where grants are kept', text: kept.texts.join('\n'), allowed: [] },
    {
      name: 'the server that grants are for',
      text: granted.server.exchanges.map(textOfRequest).join('\n'),
      allowed: [...canaries.places.filter((place) => place.startsWith('access token')), 'argument'],
    },
    {
      name: 'their authorization server',
      text: granted.issuer.heard.join('\n'),
      allowed: canaries.places.filter((place) => OF_GRANTS.test(place)),
    },
    { name: 'another server', text: other.exchanges.map(textOfRequest).join('\n'), allowed: ['argument'] },
    { name: 'a server over stdio', text: readFileSync(witness, 'utf8'), allowed: ['env of its entry', 'args of its entry', 'argument'] },
  ];
}

type Ask = (method: string, target: string, headers: Record<string, string>, body?: string) => Promise<void>;

async function askEverything(ask: Ask, canaries: Canaries): Promise<void> {
  const place = (name: string) => canaries.at(name);
  const everywhere = {
    authorization: `Bearer ${place('API_KEYS')}`,
    'content-type': 'application/json',
    cookie: `session=${place('Cookie')}`,
    'proxy-authorization': `Basic ${Buffer.from(`user:${place('Proxy-Authorization')}`).toString('base64')}`,
    'x-teams-auth-token': place('X-Teams-Auth-Token'),
    'x-api-key': place('X-Api-Key'),
    'x-openwebui-user-email': `${place('X-OpenWebUI-User-Email')}@example.test`,
    'x-openwebui-user-name': place('X-OpenWebUI-User-Name'),
    'x-forwarded-for': place('X-Forwarded-For'),
    referer: `http://example.test/?token=${place('Referer')}`,
    'user-agent': place('User-Agent'),
    accept: `application/json, text/${place('Accept')}`,
  };
  const args = JSON.stringify({ password: place('argument'), deep: { token: [place('argument')] } });
  for (const tool of [
    'trusted_work',
    'trusted_fail',
    'trusted_refuse',
    'trusted_crash',
    'other_work',
    'leaky_work',
    'leaky_fail',
    'leaky_end',
  ]) {
    await ask('POST', `/v1/tools/${tool}?token=${place('query of a request')}`, everywhere, args);
  }
  const chat = { 'x-openwebui-chat-id': 'chat', 'x-openwebui-message-id': 'message' };
  await ask('POST', '/v1/tools/trusted_work', { ...everywhere, ...chat, accept: 'text/event-stream' }, args);
  const call = '/v1/tools/other_work';
  await ask('POST', call, everywhere, `{"password":"${place('malformed body')}`);
  await ask('POST', call, everywhere, `{"password":"${place('duplicate keys')}","password":1}`);
  await ask('POST', call, everywhere, `["${place('a list as body')}"]`);
  await ask('POST', '/v1/tools', everywhere, `{"name":1,"arguments":"${place('a bad envelope')}"}`);
  await ask('POST', call, { ...everywhere, 'content-encoding': 'gzip' }, place('a body that is not gzip'));
  await ask('POST', call, { ...everywhere, 'content-type': `text/${place('Content-Type')}` }, '{}');
  for (const authorization of wrongAuthorizations(canaries)) await ask('POST', call, { ...everywhere, authorization }, '{}');
  await ask('POST', call, { ...everywhere, 'x-openwebui-user-jwt': `eyJhbGciOiJIUzI1NiJ9.${place('a bad user header')}.x` }, '{}');
  await ask('POST', call, { ...everywhere, origin: `http://${place('Origin')}.example` }, '{}');
  await ask('GET', '/openapi.json', { ...everywhere, host: `${place('Host')}.example` });
}

function wrongAuthorizations(canaries: Canaries): string[] {
  const jwt = (place: string) => `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ sub: canaries.at(place) })).toString('base64url')}.`;
  return [
    `Bearer ${canaries.at('a wrong key')}`,
    `Basic ${Buffer.from(`user:${canaries.at('Basic')}`).toString('base64')}`,
    `Bearer ${jwt('a token that nobody signed')}`,
    canaries.at('no scheme at all'),
  ];
}

interface Servers {
  readonly trusted: RawMcpServer;
  readonly other: RawMcpServer;
  readonly witness: string;
  readonly granted: Readonly<Record<string, object>>;
}

function configFile(canaries: Canaries, { trusted, other, witness, granted }: Servers): string {
  const file = path.join(folder, 'servers.json');
  const url = new URL(trusted.url);
  url.username = 'user';
  url.password = canaries.at('userinfo of its URL');
  const headers = { 'X-Api-Key': canaries.at('headers of its entry') };
  const leaky = {
    command: process.execPath,
    args: [path.join(ROOT, 'test/canary/leaky-server.mjs'), '--api-key', canaries.at('args of its entry')],
    env: { WITNESS: witness, LEAKY_TOKEN: canaries.at('env of its entry') },
  };
  const mcpServers = {
    trusted: { url: url.href, headers, forwardHeaders: ['x-teams-auth-token'] },
    other: { url: other.url },
    leaky,
    ...granted,
  };
  writeFileSync(file, JSON.stringify({ mcpServers }));
  return file;
}

/** A server that repeats every secret that it was given, in each way to say no. */
function answerByRepeating(exchange: ServerExchange): void {
  const heard = JSON.stringify(exchange.headers);
  const { name } = exchange.message.params ?? {};
  if (name === 'fail') return exchange.error(-32_000, `Refused with ${heard}`, { heard });
  if (name === 'refuse') return exchange.result({ isError: true, content: [{ type: 'text', text: `No: ${heard}` }] });
  if (name === 'crash') return exchange.send(500, `Crashed with ${heard}`, { 'content-type': 'text/plain', 'x-heard': 'yes' });
  const { progressToken } = exchange.message.params?._meta ?? {};
  const params = { progressToken, progress: 1, message: `Working with ${heard}` };
  exchange.stream({ jsonrpc: '2.0', method: 'notifications/progress', params }, exchange.answer());
}

function keysFile(canaries: Canaries): string {
  const file = path.join(folder, 'keys.json');
  writeFileSync(file, JSON.stringify({ keys: [{ name: 'admin', key: canaries.at('API_KEYS'), role: 'admin' }] }));
  return file;
}

/** Where the gateway keeps what is granted. */
interface Store {
  readonly env: Readonly<Record<string, string>>;
  /** All that was there when it was looked at. */
  readonly texts: string[];
  readonly look: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Redis, a file, or Redis that is not there. */
async function startStore(logPayloads: string, canaries: Canaries): Promise<Store> {
  const texts: string[] = [];
  const state = path.join(folder, `state-${logPayloads}`);
  const file = path.join(state, 'mcpo-proxy/grants.json');
  const none = () => Promise.resolve();
  if (logPayloads === 'shape')
    return { env: { XDG_STATE_HOME: state }, texts, look: async () => void texts.push(await readFile(file, 'utf8')), stop: none };
  const password = canaries.at('REDIS_URL password');
  if (logPayloads === 'off') return { env: { REDIS_URL: `redis://:${password}@127.0.0.1:1` }, texts: ['memory'], look: none, stop: none };
  const redis = await RedisServer.start('--requirepass', password);
  return { env: { REDIS_URL: redis.url }, texts, look: async () => void texts.push(await dumped(redis)), stop: () => redis.stop() };
}

/** Every key of Redis and what is in it. */
async function dumped(redis: RedisServer): Promise<string> {
  const client = await redis.client();
  const read: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
    string: (key) => client.get(key),
    hash: (key) => client.hGetAll(key),
    list: (key) => client.lRange(key, 0, -1),
    set: (key) => client.sMembers(key),
    zset: (key) => client.zRange(key, 0, -1),
    stream: (key) => client.xRange(key, '-', '+'),
  };
  const keys = await client.keys('*');
  const all = await Promise.all(keys.map(async (key) => `${key} ${JSON.stringify(await read[await client.type(key)]?.(key))}`));
  return all.join('\n');
}
