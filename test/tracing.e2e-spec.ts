import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { complete } from './support/chat/chat.ts';
import { closesAfterEach } from './support/ends.ts';
import { get, ID } from './support/exchange.ts';
import { type AllFaces, FACES, startAllFaces } from './support/faces/faces.ts';
import { httpUpstream } from './support/gateway.ts';
import { modern, WireSession } from './support/clients/mcp-wire.ts';
import { OtlpReceiver, type ReceivedSpan } from './support/tracing/otlp-receiver.ts';
import { type Exchange, RawMcpServer, toolOf } from './support/raw-mcp-server.ts';
import { type Posted, RawSseServer } from './support/raw-sse-server.ts';
import { ScriptedModel } from './support/chat/scripted-model.ts';
import { silentCollector } from './support/tracing/silent-collector.ts';
import { SocketClient } from './support/clients/socket-client.ts';
import { until } from './support/until.ts';
import { Tracing } from '../src/tracing/tracing.service.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const OF_CALLER = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'vendor=1' };
const CANARY = 'CANARY-5e1f';
const OF_ALL = { 'mcp.method.name': 'tools/call', 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'work' };

const closing = closesAfterEach();
let server: RawMcpServer;
let does: (exchange: Exchange) => unknown;

async function serve(environment: Readonly<Record<string, string>> = {}, more: Partial<HttpUpstreamSettings> = {}): Promise<AllFaces> {
  does = (exchange) => exchange.result();
  server = closing(await RawMcpServer.start({ tools: [toolOf('work')], on: { 'tools/call': (exchange) => does(exchange) } }));
  return closing(await startAllFaces(environment, [httpUpstream(server.url, more)]));
}

interface Traced {
  readonly gateway: AllFaces;
  readonly collector: OtlpReceiver;
}

async function traced(environment: Readonly<Record<string, string>> = {}): Promise<Traced> {
  const collector = closing(await OtlpReceiver.start());
  const gateway = await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...environment });
  return { gateway, collector };
}

/** What the server was told of the trace of its last call, by header and in `_meta`. */
function toldServer() {
  const { headers, message } = server.received('tools/call').at(-1) as Exchange;
  const { traceparent, tracestate } = message.params?._meta ?? {};
  return { header: { traceparent: headers.traceparent, tracestate: headers.tracestate }, meta: { traceparent, tracestate } };
}

/** All spans of one call, once it is over: kinds and names to spans. */
async function spansOf({ gateway, collector }: Traced, count: number): Promise<Record<string, ReceivedSpan>> {
  await until('the call is over', () => gateway.log.some(({ tool, error }) => tool === 'work' || error !== undefined));
  await gateway.app.get(Tracing).end();
  expect(collector.spans).toHaveLength(count);
  return Object.fromEntries(collector.spans.map((span) => [`${span.kind} ${span.name}`, span]));
}

describe('[MON] calls whose caller is in a trace, where the gateway traces nothing', () => {
  it('have it passed on to their server as it is, and told in the log', async () => {
    const gateway = await serve();
    await gateway.as('http').call('work', {}, { headers: OF_CALLER });
    expect(toldServer()).toEqual({ header: OF_CALLER, meta: OF_CALLER });
    expect(await gateway.recordOf(ID)).toMatchObject({ trace_id: TRACE });
  });

  it.each<Record<string, string>>([{}, { traceparent: `00-${TRACE}-${SPAN}` }, { tracestate: 'vendor=1' }])(
    'have nothing passed on that is not legal: %j',
    async (headers) => {
      const gateway = await serve();
      await gateway.as('http').call('work', {}, { headers });
      const nothing = { traceparent: undefined, tracestate: undefined };
      expect(toldServer()).toEqual({ header: nothing, meta: nothing });
      expect(await gateway.recordOf(ID)).not.toHaveProperty('trace_id');
    },
  );

  it('have it passed on beside what is forwarded of their headers, of which it is none', async () => {
    const gateway = await serve({}, { forwardHeaders: ['x-team', 'traceparent'] });
    for (const [index, digit] of ['1', '2'].entries()) {
      const traceparent = `00-${TRACE}-${digit.repeat(16)}-01`;
      await gateway.as('http').call('work', {}, { headers: { traceparent, 'x-team': 'a' }, id: `c${index}` });
      expect(toldServer().header).toEqual({ traceparent, tracestate: undefined });
      expect(server.received('tools/call').at(-1)?.headers['x-team']).toBe('a');
    }
    // Another trace makes no other caller.
    expect(new Set(server.received('tools/call').map(({ sessionId }) => sessionId)).size).toBe(1);
  });

  it('have it passed on to a server over SSE, too', async () => {
    const sse = closing(await RawSseServer.start());
    const gateway = closing(await startAllFaces({}, [httpUpstream(sse.url, { transport: 'sse' })]));
    await gateway.as('http').call('work', {}, { headers: OF_CALLER });
    const [{ headers, message }] = sse.received('tools/call') as [Posted];
    expect(headers).toMatchObject(OF_CALLER);
    expect(message.params?._meta).toMatchObject(OF_CALLER);
  });

  it('say it to /mcp in `_meta` of the message, of either generation, or else in the headers', async () => {
    const gateway = await serve();
    const url = `${gateway.url}/mcp`;
    const OTHER = { traceparent: `00-${'1'.repeat(32)}-${SPAN}-01` };
    const name = { name: 'work' };
    await modern(url, 'tools/call', name, { meta: OF_CALLER, headers: OTHER });
    expect(toldServer()).toEqual({ header: OF_CALLER, meta: OF_CALLER });
    await modern(url, 'tools/call', name, { headers: OF_CALLER });
    expect(toldServer()).toEqual({ header: OF_CALLER, meta: OF_CALLER });
    const session = await WireSession.open(url);
    await session.ask('tools/call', { ...name, _meta: OF_CALLER });
    expect(toldServer()).toEqual({ header: OF_CALLER, meta: OF_CALLER });
    await session.ask('tools/call', { ...name, _meta: { traceparent: 'none' } });
    expect(toldServer().meta).toEqual({ traceparent: undefined, tracestate: undefined });
  });

  it('say it over a socket in the frame of the call', async () => {
    const gateway = await serve();
    const client = await SocketClient.open(gateway.url);
    client.sayText(JSON.stringify({ type: 'tool_call', correlation_id: 'c1', ...OF_CALLER, data: { name: 'work' } }));
    await client.next('tool_result');
    expect(toldServer()).toEqual({ header: OF_CALLER, meta: OF_CALLER });
    client.socket.terminate();
  });
});

describe('[MON] a traced call', () => {
  it.each(FACES)('has a span with those of gateway and server below it, over %s', async (face) => {
    const { gateway, collector } = await traced();
    await gateway.as(face).call('work', { secret: CANARY }, { headers: { authorization: `Bearer ${CANARY}` } });
    const spans = await spansOf({ gateway, collector }, 4);
    const call = spans['server tools/call work'] as ReceivedSpan;
    const ofServer = spans['client tools/call work'] as ReceivedSpan;
    const { port } = new URL(server.url);
    const ofFace = face === 'http' ? { 'http.request.method': 'POST', 'http.response.status_code': 200 } : {};
    expect(call).toMatchObject({ parentSpanId: '', isError: false });
    expect(call.attributes).toEqual({ ...OF_ALL, ...ofFace, 'mcpo.server': 'default', 'mcpo.correlation_id': ID });
    expect(ofServer).toMatchObject({ parentSpanId: call.spanId, isError: false });
    expect(ofServer.attributes).toEqual({
      ...OF_ALL,
      'mcpo.server': 'default',
      'network.transport': 'tcp',
      'server.address': '127.0.0.1',
      'server.port': Number(port),
    });
    const parts = [spans['internal prepare'], spans['internal deliver']] as ReceivedSpan[];
    expect(parts.map(({ parentSpanId }) => parentSpanId)).toEqual([call.spanId, call.spanId]);
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([call.traceId]));
    // One after another, and together the call.
    const times = [parts[0], ofServer, parts[1]].flatMap((span) => [span?.start as bigint, span?.end as bigint]);
    expect([...times].sort((one, other) => Number(one - other))).toEqual(times);
    expect([times[0], times[5]]).toEqual([call.start, call.end]);
    const traceparent = `00-${call.traceId}-${ofServer.spanId}-01`;
    expect(toldServer()).toEqual({ header: { traceparent, tracestate: undefined }, meta: { traceparent, tracestate: undefined } });
    expect(await gateway.recordOf(ID)).toMatchObject({ trace_id: call.traceId });
    expect(collector.requests.map(({ body }) => body.toString('latin1')).join()).not.toContain(CANARY);
  });

  it('belongs to the trace of its caller, whose state goes to the server', async () => {
    const { gateway, collector } = await traced();
    await gateway.as('http').call('work', {}, { headers: OF_CALLER });
    const spans = await spansOf({ gateway, collector }, 4);
    const { traceId, parentSpanId } = spans['server tools/call work'] as ReceivedSpan;
    expect({ traceId, parentSpanId }).toEqual({ traceId: TRACE, parentSpanId: SPAN });
    const told = { traceparent: `00-${TRACE}-${spans['client tools/call work']?.spanId}-01`, tracestate: 'vendor=1' };
    expect(toldServer()).toEqual({ header: told, meta: told });
  });

  it('of a chat belongs to the trace of its completion', async () => {
    const model = closing(await ScriptedModel.start());
    const { gateway, collector } = await traced({ OPENAI_API_BASE_URL: model.url });
    model.play(
      (round) => round.ask([{ name: 'work' }]),
      (round) => round.say('done'),
    );
    await complete(gateway.url, {}, OF_CALLER);
    const spans = await spansOf({ gateway, collector }, 4);
    expect(spans['server tools/call work']).toMatchObject({ traceId: TRACE, parentSpanId: SPAN });
  });

  it.each([
    [
      'a no of the tool',
      (exchange: Exchange) => exchange.result({ content: [{ type: 'text', text: CANARY }], isError: true }),
      422,
      'tool_error',
      'tool_error',
      true,
    ],
    ['an error of the server', (exchange: Exchange) => exchange.error(-32_000, CANARY), 502, 'upstream_error', '-32000', true],
    [
      'arguments that the server refuses',
      (exchange: Exchange) => exchange.error(-32_602, 'bad', { field: 'x' }),
      400,
      'validation_error',
      '-32602',
      false,
    ],
  ])('tells of %s', async (_what, answer, status, ofCall, ofServer, isError) => {
    const { gateway, collector } = await traced();
    does = answer;
    await gateway.as('http').call('work');
    const spans = await spansOf({ gateway, collector }, 4);
    expect(spans['server tools/call work']).toMatchObject({
      isError,
      attributes: { 'error.type': ofCall, 'http.response.status_code': status },
    });
    expect(spans['client tools/call work']).toMatchObject({ isError: true, attributes: { 'error.type': ofServer } });
    expect(collector.requests.map(({ body }) => body.toString('latin1')).join()).not.toContain(CANARY);
  });

  it('of a tool that is not there has one span, without the name', async () => {
    const { gateway, collector } = await traced();
    await gateway.as('http').call(CANARY);
    await spansOf({ gateway, collector }, 1);
    expect(collector.spans).toMatchObject([
      { kind: 'server', name: 'tools/call', isError: false, attributes: { 'error.type': 'tool_not_found' } },
    ]);
    expect(collector.requests.map(({ body }) => body.toString('latin1')).join()).not.toContain(CANARY);
  });
});

describe('[MON] the settings of OpenTelemetry', () => {
  it('name the service, the place, and headers, which nothing shows', async () => {
    const collector = closing(await OtlpReceiver.start());
    const gateway = await serve({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/own/path`,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${CANARY},x-tenant=a%2Cb`,
      OTEL_SERVICE_NAME: 'tools',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging,service.name=other',
    });
    await gateway.as('http').call('work');
    await spansOf({ gateway, collector }, 4);
    expect(collector.requests[0]).toMatchObject({
      url: '/own/path',
      headers: { authorization: `Bearer ${CANARY}`, 'x-tenant': 'a,b', 'content-type': 'application/x-protobuf' },
    });
    expect(collector.resource).toMatchObject({
      'service.name': 'tools',
      'deployment.environment.name': 'staging',
      'telemetry.sdk.language': 'nodejs',
    });
    expect(JSON.stringify(gateway.log)).not.toContain(CANARY);
  });

  it.each([
    ['always_off', OF_CALLER, 0, '00'],
    ['parentbased_always_on', { traceparent: `00-${TRACE}-${SPAN}-00` }, 0, '00'],
    ['parentbased_always_off', OF_CALLER, 4, '01'],
    ['traceidratio', OF_CALLER, 0, '00'],
    ['always_on', { traceparent: `00-${TRACE}-${SPAN}-00` }, 4, '01'],
  ])('have %s decide whether a call is traced, and its server told so', async (OTEL_TRACES_SAMPLER, headers, count, flags) => {
    const { gateway, collector } = await traced({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG: '0' });
    await gateway.as('http').call('work', {}, { headers });
    await spansOf({ gateway, collector }, count);
    expect(toldServer().header.traceparent).toMatch(new RegExp(`^00-${TRACE}-[\\da-f]{16}-${flags}$`));
  });
});

describe('[P4] a collector', () => {
  it('that is away keeps no call waiting; the log says so once, and when it is back', async () => {
    const { gateway, collector } = await traced();
    collector.answers = (response) => void response.writeHead(400).end(CANARY);
    await gateway.as('http').call('work');
    const losses = () => gateway.log.filter(({ context }) => context === 'tracing');
    await until('the loss is told', () => losses().length > 0, 15_000);
    await gateway.as('http').call('work', {}, { id: 'second' });
    await until('the second is sent', () => collector.requests.length > 1, 15_000);
    collector.answers = (response) => void response.writeHead(200).end();
    await gateway.as('http').call('work', {}, { id: 'third' });
    await until('it is told that it is back', () => losses().length > 1, 15_000);
    const msg = 'spans are lost: OTEL_EXPORTER_OTLP_ENDPOINT does not take them';
    expect(losses()).toEqual([
      { level: 'warn', context: 'tracing', msg, reason: 'HTTP 400', spans: 4 },
      { level: 'info', context: 'tracing', msg: 'spans are taken again' },
    ]);
  });

  it('that takes spans and never answers delays neither calls nor the end', async () => {
    const gateway = await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: closing(await silentCollector()).url });
    for (let call = 0; call < 20; call += 1) expect((await gateway.as('http').call('work', {}, { id: `c${call}` })).type).toBe('result');
    expect((await get(gateway.url, '/health/live')).status).toBe(200);
    const start = performance.now();
    await gateway.app.get(Tracing).end();
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('gets at the end what it has not got before', async () => {
    const { gateway, collector } = await traced();
    await gateway.as('http').call('work');
    await gateway.recordOf(ID);
    await gateway.app.get(Tracing).end();
    expect(collector.spans).toHaveLength(4);
  });
});
