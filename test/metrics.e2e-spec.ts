import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { METRICS } from '../src/metrics/metric-names.js';
import { MemoryPressure } from '../src/throttler/memory-pressure.service.js';
import { complete, USER } from './support/chat/chat.ts';
import { startChat } from './support/chat/chat-gateway.ts';
import { closesAfterEach } from './support/ends.ts';
import { get, post, request } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere, stdioUpstream } from './support/gateway.ts';
import { modern, WireSession } from './support/clients/mcp-wire.ts';
import { ROOT } from './support/processes.ts';
import { type Exchange, RawMcpServer, toolOf } from './support/raw-mcp-server.ts';
import { ServedSockets } from './support/clients/served-sockets.ts';
import { temporaryFolder } from './support/recorded.ts';
import { untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const folder = temporaryFolder();
const STDIO = path.join(ROOT, 'test/support/servers/raw-stdio.mjs');

type Samples = ReadonlyMap<string, number>;

/** Every sample by its name with labels. */
async function samplesOf({ url }: GatewayHere): Promise<Samples> {
  const lines = (await get(url, '/metrics')).text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

/** What samples of this metric have grown by since then, of those that have changed. */
async function grown(gateway: GatewayHere, before: Samples, name: string): Promise<Record<string, number>> {
  const changes = [...(await samplesOf(gateway))].map(([sample, value]) => [sample, value - (before.get(sample) ?? 0)] as const);
  return Object.fromEntries(changes.filter(([sample, growth]) => sample.startsWith(name) && growth !== 0));
}

/** A server whose calls are held until they are answered. */
async function startHolding() {
  const held: Exchange[] = [];
  const server = closing(await RawMcpServer.start({ on: { 'tools/call': (exchange) => held.push(exchange) } }));
  return { server, held };
}

const start = async (...args: Parameters<typeof startGatewayHere>) => closing(await startGatewayHere(...args));

describe('[MON][EP6] docs/metrics.md', () => {
  const metrics: readonly { name: string; help: string; labelNames: readonly string[] }[] = Object.values(METRICS);
  const typeOf = (metric: (typeof metrics)[number]) =>
    'buckets' in metric ? 'histogram' : metric.name.endsWith('_total') ? 'counter' : 'gauge';

  it('names every metric with its type, labels and meaning, and no other', () => {
    const rows = readFileSync('docs/metrics.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `mcpo_'));
    const labels = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');
    expect(rows.sort()).toEqual(
      metrics.map((metric) => `| \`${metric.name}\` | ${typeOf(metric)} | ${labels(metric.labelNames)} | ${metric.help} |`).sort(),
    );
  });

  it('tells of what /metrics has', async () => {
    const { text } = await get((await start({}, [])).url, '/metrics');
    const types = [...text.matchAll(/^# TYPE (mcpo_\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(types.sort()).toEqual(metrics.map((metric) => `${metric.name} ${typeOf(metric)}`).sort());
  });
});

describe('[MON] metrics', () => {
  it('have a label for each of 200 tools; all others are one', async () => {
    const tools = Array.from({ length: 203 }, (_, index) => `tool_${index}`);
    const server = closing(await RawMcpServer.start({ tools: tools.map((name) => toolOf(name)) }));
    const gateway = await start({}, [httpUpstream(server.url, { name: 'many' })]);
    await untilPublished(gateway, 'tool_0');
    const before = await samplesOf(gateway);
    for (const tool of [...tools, 'tool_0', 'tool_202']) expect((await post(gateway.url, `/v1/tools/${tool}`, {})).status).toBe(200);
    const sample = (tool: string) => `mcpo_tool_calls_total{server="many",tool="${tool}",outcome="result"}`;
    expect(await grown(gateway, before, 'mcpo_tool_calls_total')).toEqual({
      ...Object.fromEntries(tools.slice(0, 200).map((tool) => [sample(tool), tool === 'tool_0' ? 2 : 1])),
      [sample('other')]: 4,
    });
  });

  it('tell of connections that calls hold and of calls that wait for one', async () => {
    const { server, held } = await startHolding();
    const gateway = await start({}, [httpUpstream(server.url, { name: 'held' })]);
    await untilPublished(gateway, 'work');
    const before = await samplesOf(gateway);
    const of = (name: string) => `mcpo_upstream_${name}{server="held"}`;
    const names = ['mcpo_upstream_up', 'mcpo_upstream_calls_in_flight', 'mcpo_upstream_pool_in_use', 'mcpo_upstream_pool_waiting'];
    expect(names.map((name) => before.get(`${name}{server="held"}`))).toEqual([1, 0, 0, 0]);
    const answers = Array.from({ length: 53 }, () => post(gateway.url, '/v1/tools/work', {}));
    await until('all places are taken', async () => (await samplesOf(gateway)).get(of('calls_in_flight')) === 53);
    expect(await grown(gateway, before, 'mcpo_upstream_pool')).toEqual({ [of('pool_in_use')]: 42, [of('pool_waiting')]: 11 });
    await until('42 are at the server', () => held.length === 42);
    for (let answered = 0; answered < 53; answered += 1) (await until('the next', () => held[answered])).result();
    await Promise.all(answers);
    expect(await grown(gateway, before, 'mcpo_upstream_pool')).toEqual({});
    expect(await grown(gateway, before, 'mcpo_upstream_calls_in_flight')).toEqual({});
  });

  it('tell of servers that are away, and of calls to them that are paused', async () => {
    const server = closing(await RawMcpServer.start({ on: { 'tools/call': (exchange) => exchange.send(500) } }));
    const gateway = await start({}, [httpUpstream(server.url, { name: 'failing' })]);
    await untilPublished(gateway, 'work');
    const before = await samplesOf(gateway);
    for (let call = 0; call < 4; call += 1) await post(gateway.url, '/v1/tools/work', {});
    expect(await grown(gateway, before, 'mcpo_upstream_breakers_open')).toEqual({});
    await post(gateway.url, '/v1/tools/work', {});
    expect(await grown(gateway, before, 'mcpo_upstream_breakers_open')).toEqual({ 'mcpo_upstream_breakers_open{server="failing"}': 1 });
    await server.stop();
    await until('it is away', async () => (await samplesOf(gateway)).get('mcpo_upstream_up{server="failing"}') === 0);
  });

  it('tell of processes that are started anew', async () => {
    const gateway = await start({}, [stdioUpstream(STDIO, ['{}'], { name: 'child' })]);
    await untilPublished(gateway, 'pid');
    const before = await samplesOf(gateway);
    await post(gateway.url, '/v1/tools/die', {});
    await until('it is back', async () => (await post(gateway.url, '/v1/tools/pid', {})).status === 200);
    expect(await grown(gateway, before, 'mcpo_child_starts_total')).toEqual({ 'mcpo_child_starts_total{server="child"}': 1 });
  });

  it('tell of the catalogue: its revision, tools and age', async () => {
    const server = closing(await RawMcpServer.start());
    const gateway = await start({}, [httpUpstream(server.url, { name: 'listed' })]);
    await untilPublished(gateway, 'work');
    const before = await samplesOf(gateway);
    expect(before.get('mcpo_catalog_revision')).toBe(2);
    const age = async () => (await samplesOf(gateway)).get('mcpo_catalog_age_seconds{server="listed"}') as number;
    await until('it grows old', async () => (await age()) > 0.2);
    server.tools = [toolOf('work'), toolOf('more')];
    server.notify('notifications/tools/list_changed');
    await untilPublished(gateway, 'more');
    expect(await grown(gateway, before, 'mcpo_catalog_revision')).toEqual({ mcpo_catalog_revision: 1 });
    expect(await grown(gateway, before, 'mcpo_catalog_tools')).toEqual({ 'mcpo_catalog_tools{server="listed"}': 1 });
    expect(await age()).toBeLessThan(20);
  });

  it('tell by what calls are refused', async () => {
    const file = path.join(folder(), 'keys.json');
    writeFileSync(
      file,
      JSON.stringify({
        keys: [
          { name: 'one', key: 'key-of-one' },
          { name: 'two', key: 'key-of-two', role: 'guest' },
        ],
      }),
    );
    const { server, held } = await startHolding();
    const limits = {
      RATE_LIMIT_CLIENT: '2',
      RATE_LIMIT_ROLES: 'guest:1',
      RATE_LIMIT_SYSTEM: '4',
      MAX_CONNECTIONS: '1',
      RESERVED_CONNECTIONS: '0',
    };
    const gateway = await start({ API_KEYS_FILE: file, ...limits }, [httpUpstream(server.url)]);
    await untilPublished(gateway, 'work');
    const before = await samplesOf(gateway);
    const call = async (key: string, tool = 'none') =>
      (await post(gateway.url, `/v1/tools/${tool}`, {}, { authorization: `Bearer key-of-${key}` })).status;
    const statuses = [await call('two'), await call('two')];
    const waiting = call('one', 'work');
    await until('the place is taken', () => held.length === 1);
    statuses.push(await call('one'));
    held[0]?.result();
    statuses.push(await waiting, await call('one'), await call('one'));
    const memory = gateway.app.get(MemoryPressure, { strict: false });
    memory.isHigh = true;
    statuses.push(await call('one'));
    expect(statuses).toEqual([404, 429, 503, 200, 404, 429, 503]);
    expect(await grown(gateway, before, 'mcpo_calls_refused_total')).toEqual({
      'mcpo_calls_refused_total{by="role"}': 1,
      'mcpo_calls_refused_total{by="places"}': 1,
      'mcpo_calls_refused_total{by="client"}': 1,
      'mcpo_calls_refused_total{by="memory"}': 1,
    });
  });

  it('tell of open connections', async () => {
    const gateway = await start({}, []);
    const before = await samplesOf(gateway);
    expect(before.get('mcpo_http_connections')).toBe(1);
    const sockets = Array.from({ length: 3 }, () => net.connect(Number(new URL(gateway.url).port), '127.0.0.1'));
    await until('they are counted', async () => (await samplesOf(gateway)).get('mcpo_http_connections') === 4);
    sockets.forEach((socket) => socket.destroy());
    await until('they are gone', async () => (await samplesOf(gateway)).get('mcpo_http_connections') === 1);
  });

  it('tell of WebSockets: how many are open, their frames each way by type, and sessions that are gone on with', async () => {
    const served = closing(await ServedSockets.start());
    const { gateway } = served;
    const open = async () => (await samplesOf(gateway)).get('mcpo_websockets_open');
    const before = await samplesOf(gateway);
    expect(await open()).toBe(0);
    const [client, other] = [await served.open(), await served.open()];
    expect(await open()).toBe(2);
    client.call('a', 'work');
    client.call('b', 'nothing');
    await client.end('a');
    await client.end('b');
    client.sayText('{"type":"unheard"}');
    await client.next('error');
    client.drop();
    await until('it is closed', async () => (await open()) === 1);
    other.say('resume', { resume_token: client.token, last_seq: client.lastSeq }, 'r');
    await other.next('connection_established', 'r');
    const stranger = await served.open();
    stranger.say('resume', { resume_token: 'x'.repeat(43), last_seq: 0 }, 'r');
    await stranger.next('error', 'r');
    const frame = (direction: string, type: string) => `mcpo_websocket_frames_total{direction="${direction}",type="${type}"}`;
    expect(await grown(gateway, before, 'mcpo_websocket')).toEqual({
      mcpo_websockets_open: 2,
      [frame('in', 'tool_call')]: 2,
      [frame('in', 'resume')]: 2,
      [frame('out', 'connection_established')]: 4,
      [frame('out', 'tool_started')]: 2,
      [frame('out', 'tool_result')]: 1,
      [frame('out', 'tool_error')]: 1,
      [frame('out', 'error')]: 2,
      'mcpo_websocket_resumes_total{outcome="resumed"}': 1,
      'mcpo_websocket_resumes_total{outcome="refused"}': 1,
    });
  });
});

describe('[MON] metrics of one call', () => {
  it('tell that it was made, how it ended, how often it was sent, and where its time went', async () => {
    let tries = 0;
    const on = {
      'tools/call': (exchange: Exchange) => {
        tries += 1;
        if (tries === 1) return exchange.send(503, '', { 'retry-after': '0' });
        return exchange.result({ content: [{ type: 'text', text: '' }], structuredContent: { count: 'none' } });
      },
    };
    const outputSchema = { type: 'object', properties: { count: { type: 'integer' } } };
    const server = closing(await RawMcpServer.start({ tools: [{ ...(toolOf('work') as object), outputSchema }], on }));
    const gateway = await start({}, [httpUpstream(server.url, { name: 'single' })]);
    await untilPublished(gateway, 'work');
    const before = await samplesOf(gateway);
    expect((await post(gateway.url, '/v1/tools/work', {})).status).toBe(200);
    const now = () => grown(gateway, before, 'mcpo_');
    await until('its end is counted', async () => 'mcpo_translation_seconds_count' in (await now()));
    const grew = Object.entries(await now()).filter(([sample]) => !/_bucket|_sum|_age_|_http_requests.*GET|_cache_.*catalog/.test(sample));
    expect(Object.fromEntries(grew)).toEqual({
      'mcpo_tool_calls_total{server="single",tool="work",outcome="result"}': 1,
      'mcpo_output_schema_mismatches_total{server="single",tool="work"}': 1,
      'mcpo_upstream_retries_total{server="single"}': 1,
      'mcpo_http_requests_total{method="POST",status="200"}': 1,
      mcpo_translation_seconds_count: 1,
      'mcpo_upstream_seconds_count{server="single"}': 1,
    });
  });
});

describe('[EP6][S1] METRICS_AUTH', () => {
  const KEY = { authorization: 'Bearer key-of-prometheus' };
  const ways = ['/metrics', '/metrics/', '/METRICS', '/metrics?x=1', '/tools/metrics', '/tools/METRICS/'];

  it('has the metrics need a key, however they are asked for; probes need none', async () => {
    const gateway = await start({ API_KEYS: 'prometheus:key-of-prometheus', METRICS_AUTH: 'true' }, [], { pathPrefix: '/tools' });
    for (const where of [...ways, `${gateway.url}/metrics`, `${gateway.url}/tools/metrics`]) {
      for (const method of ['GET', 'HEAD']) {
        const { status, text } = await request(gateway.url, where, { method });
        expect({ where, method, isShown: status === 200 || text.includes('mcpo_') }).toEqual({ where, method, isShown: false });
      }
    }
    for (const where of ways) expect([where, (await get(gateway.url, where)).status]).toEqual([where, 401]);
    for (const where of ways) expect([where, (await get(gateway.url, where, KEY)).status]).toEqual([where, 200]);
    for (const where of ['/health', '/health/live', '/ready'])
      expect([where, (await get(gateway.url, where)).status]).toEqual([where, 200]);
  });

  it('leaves them public unless it is set', async () => {
    const gateway = await start({ API_KEYS: 'prometheus:key-of-prometheus' }, []);
    expect((await get(gateway.url, '/metrics')).status).toBe(200);
  });
});

describe('[MON][EP6][EP1] completions', () => {
  it('are counted by who makes them and how they end, with their rounds and time; places are shown', async () => {
    const chat = await startChat(closing, { CHAT_MAX_ROUNDS: '2' });
    const before = await samplesOf(chat.gateway);
    chat.model.script = (exchange) =>
      exchange.asked.messages.at(-1)?.role === 'tool' ? exchange.say('Done.') : exchange.ask([{ name: 'work' }]);
    await complete(chat.url);
    await complete(chat.url, { stream: true });
    chat.model.script = (exchange) => exchange.ask([{ name: 'work' }]);
    await complete(chat.url);
    chat.model.script = (exchange) => exchange.json(500, {});
    await complete(chat.url);
    await complete(chat.url, { model: 'mcpo-assistant', messages: [{ role: 'user', content: 'help' }] });
    await complete(chat.url, { model: 'large' });
    await complete(chat.url, { messages: [] });
    chat.model.script = () => undefined;
    const leaving = new AbortController();
    const body = JSON.stringify({ model: 'small', messages: USER });
    const headers = { 'content-type': 'application/json' };
    const left = request(chat.url, '/v1/chat/completions', { method: 'POST', headers, body, signal: leaving.signal }).catch(() => 'left');
    await until('the model is asked', () => chat.model.exchanges.length === 8);
    expect((await samplesOf(chat.gateway)).get('mcpo_chats_in_flight')).toBe(1);
    leaving.abort();
    expect(await left).toBe('left');
    await until('its place is free', async () => (await samplesOf(chat.gateway)).get('mcpo_chats_in_flight') === 0);
    const isLeft = async () => await grown(chat.gateway, before, 'mcpo_chat_completions_total{by="model",outcome="left"}');
    await until('it is counted', async () => Object.keys(await isLeft()).length === 1);
    expect(await grown(chat.gateway, before, 'mcpo_chat_completions_total')).toEqual({
      'mcpo_chat_completions_total{by="model",outcome="answered"}': 2,
      'mcpo_chat_completions_total{by="model",outcome="cut"}': 1,
      'mcpo_chat_completions_total{by="model",outcome="failed"}': 1,
      'mcpo_chat_completions_total{by="model",outcome="left"}': 1,
      'mcpo_chat_completions_total{by="assistant",outcome="answered"}': 1,
    });
    expect(await grown(chat.gateway, before, 'mcpo_chat_rounds_total')).toEqual({ mcpo_chat_rounds_total: 8 });
    expect(await grown(chat.gateway, before, 'mcpo_chat_seconds_count')).toEqual({
      'mcpo_chat_seconds_count{by="model"}': 5,
      'mcpo_chat_seconds_count{by="assistant"}': 1,
    });
  });
});

describe('[MON][EP6][AC5] MCP clients', () => {
  it('have their requests, sessions and streams counted, and no methods of their own invention', async () => {
    const gateway = await start({}, [httpUpstream(closing(await RawMcpServer.start()).url)]);
    await untilPublished(gateway, 'work');
    const mcp = `${gateway.url}/mcp`;
    const before = await samplesOf(gateway);
    const session = await WireSession.open(mcp);
    const stays = await WireSession.open(mcp);
    const stream = await stays.listen();
    await session.ask('ping');
    await session.ask('tools/call', { name: 'work', arguments: {} });
    await session.ask('made/up-1');
    await session.ask('made/up-2');
    await modern(mcp, 'tools/list');
    const inUse = { mcpo_mcp_sessions_open: 2, mcpo_mcp_streams_open: 1 };
    expect({
      ...(await grown(gateway, before, 'mcpo_mcp_sessions_open')),
      ...(await grown(gateway, before, 'mcpo_mcp_streams_open')),
    }).toEqual(inUse);
    await session.end();
    stream.leave();
    await until('the stream is over', async () => (await samplesOf(gateway)).get('mcpo_mcp_streams_open') === 0);
    expect(await grown(gateway, before, 'mcpo_mcp_')).toEqual({
      mcpo_mcp_sessions_open: 1,
      'mcpo_mcp_sessions_ended_total{reason="client"}': 1,
      'mcpo_mcp_requests_total{era="legacy",method="initialize"}': 2,
      'mcpo_mcp_requests_total{era="legacy",method="ping"}': 1,
      'mcpo_mcp_requests_total{era="legacy",method="tools/call"}': 1,
      'mcpo_mcp_requests_total{era="legacy",method="other"}': 2,
      'mcpo_mcp_requests_total{era="modern",method="tools/list"}': 1,
    });
    expect(Object.values(await grown(gateway, before, 'mcpo_tool_calls_total'))).toEqual([1]);
    await stays.end();
  });
});
