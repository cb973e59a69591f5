/**
 * `npm run sec:canary`: secrets of every kind go into a gateway that logs all it can, past servers that repeat what they were given; then they are
 * looked for wherever they must not be. The last line is `N passed, N failed`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { printTable } from '../../bench/support/table.ts';
import { type Exchange, request } from '../support/exchange.ts';
import { startGateway } from '../support/processes.ts';
import { type Exchange as ServerExchange, RawMcpServer, toolOf } from '../support/raw-mcp-server.ts';
import { ROOT } from '../support/processes.ts';
import { allListed } from '../support/listed.ts';
import { until } from '../support/until.ts';
import { ChatEvents } from '../support/chat-events.ts';
import { Canaries } from './canaries.ts';

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
  const witness = path.join(folder, `witness-${logPayloads}`);
  writeFileSync(witness, '');
  const gateway = await startGateway({
    cwd: folder,
    args: ['--config', configFile(canaries, { trusted, other, witness })],
    env: {
      LOG_LEVEL: 'trace',
      LOG_PAYLOADS: logPayloads,
      API_KEYS: `admin:${canaries.at('API_KEYS')}`,
      OPENWEBUI_SECRET_KEY: canaries.at('OPENWEBUI_SECRET_KEY'),
      FORWARD_USER_INFO_HEADER_JWT_SECRET: canaries.at('FORWARD_USER_INFO_HEADER_JWT_SECRET'),
      OPENWEBUI_URL: openWebUi.url,
      OPENWEBUI_API_KEY: canaries.at('OPENWEBUI_API_KEY'),
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${canaries.at('OTEL_EXPORTER_OTLP_HEADERS')}`,
      ALERT_WEBHOOK_URL: `http://127.0.0.1:1/${canaries.at('ALERT_WEBHOOK_URL')}`,
      REDIS_URL: `redis://:${canaries.at('REDIS_URL password')}@127.0.0.1:1`,
      MCP_HEADERS: JSON.stringify({ 'X-Unused': canaries.at('MCP_HEADERS beside a config file') }),
    },
  });
  const answers: Exchange[] = [];
  try {
    await allListed(gateway.url);
    const ask = async (method: string, target: string, headers: Record<string, string>, body?: string) => {
      answers.push(await request(gateway.url, target, { method, headers, ...(body !== undefined && { body }) }));
    };
    await askEverything(ask, canaries);
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
  }
  const textOfAnswer = ({ headers, text }: Exchange) => `${JSON.stringify(headers)}\n${text}`;
  const textOfRequest = ({ request: { url, rawHeaders }, text }: ServerExchange) => `${url} ${rawHeaders.join(' ')}\n${text}`;
  const arrivals = ['X-Teams-Auth-Token', 'argument'];
  return [
    { name: 'log, stdout and stderr', text: [...gateway.stdout, ...gateway.stderr].join('\n'), allowed: [] },
    { name: 'answers and metrics', text: answers.map(textOfAnswer).join('\n'), allowed: [] },
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
}

function configFile(canaries: Canaries, { trusted, other, witness }: Servers): string {
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
