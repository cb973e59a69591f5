import type { Settings } from '../src/config/settings.js';
import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { closesAfterEach } from './support/ends.js';
import { get } from './support/exchange.js';
import { type AllFaces, FACES, startAllFaces } from './support/faces/faces.js';
import { httpUpstream } from './support/gateway.js';
import { type Exchange, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.js';
import { until } from './support/until.js';

const ID = 'the-call';
const MS = expect.any(Number);
const STRICT = { name: 'strict', inputSchema: { type: 'object', required: ['title'] } };
const ROLES = new Map([['anonymous', { servers: { allow: undefined, deny: [] }, tools: { allow: undefined, deny: ['play'] } }]]);
const WORK = { tool: 'work', upstream: 'default' };

const closing = closesAfterEach();
let does: (exchange: Exchange) => unknown;
/** The calls that the server has and does not answer. */
let held: Exchange[];
let server: RawMcpServer;
let served: AllFaces;

const hold = (exchange: Exchange) => held.push(exchange);
const isHeld = () => until('the server has the call', () => held.length > 0);

async function serve(
  environment: Readonly<Record<string, string>> = {},
  more: Partial<HttpUpstreamSettings> = {},
  settings: Partial<Settings> = {},
): Promise<void> {
  held = [];
  does = (exchange) => exchange.result();
  const tools = [toolOf('work'), toolOf('play'), STRICT];
  server = closing(await RawMcpServer.start({ tools, on: { 'tools/call': (exchange) => does(exchange) } }));
  served = closing(await startAllFaces(environment, [httpUpstream(server.url, more)], settings));
}

/** Samples of calls and of POST requests: {@link served} alone makes them. */
async function counts(): Promise<Map<string, number>> {
  const { text } = await get(served.url, '/metrics');
  const samples = text.matchAll(
    /^mcpo_(tool_calls_total|(?:translation|upstream)_seconds_count|upstream_retries_total|http_requests_total)(\{.*\})? (\d+)$/gm,
  );
  const named = [...samples].map(([, name, labels = '', value]) => [`${name}${labels}`, Number(value)] as const);
  return new Map(named.filter(([name]) => !name.includes('method="GET"')));
}

/** By how much each sample moves meanwhile. */
async function movedBy(act: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await counts();
  await act();
  const moved = [...(await counts())].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(moved.filter(([, by]) => by !== 0));
}

describe.each(FACES)('a call over %s', (face) => {
  const isHttp = face === 'http';
  /** The whole line of the log. */
  const lineWith = (status: number, fields: object, tool = 'work') => ({
    level: 'info',
    correlation_id: ID,
    client: '127.0.0.1',
    principal: 'anonymous',
    duration_ms: MS,
    translation_ms: MS,
    ...(isHttp
      ? { msg: 'request', method: 'POST', path: `/v1/tools/${tool}`, status }
      : { msg: 'call', face, is_delivered: status !== 499 }),
    ...fields,
  });
  const samples = (labels: string, status: number, more: object) => ({
    ...(labels !== '' && { [`tool_calls_total{${labels}}`]: 1 }),
    ...(isHttp && { [`http_requests_total{method="POST",status="${status}"}`]: 1 }),
    ...more,
  });
  const labelsOf = (tool: string, outcome: string) => `server="${tool && 'default'}",tool="${tool}",outcome="${outcome}"`;
  const TRANSLATED = { translation_seconds_count: 1 };
  const SENT = { ...TRANSLATED, 'upstream_seconds_count{server="default"}': 1 };

  describe('[AC6][MON] leaves one line and its samples:', () => {
    interface Case {
      readonly what: string;
      readonly tool?: string;
      readonly status: number;
      /** Of the line, besides those that all have. */
      readonly fields: object;
      readonly outcome: string;
      readonly more: object;
      readonly answer?: (exchange: Exchange) => unknown;
    }

    it.each<Case>([
      { what: 'a result', status: 200, fields: { ...WORK, upstream_ms: MS }, outcome: 'result', more: SENT },
      {
        what: 'a refusal of the tool',
        status: 422,
        fields: { ...WORK, error: 'tool_error', upstream_ms: MS },
        outcome: 'tool_error',
        more: SENT,
        answer: (exchange) => exchange.result({ ...(textResult('No.') as object), isError: true }),
      },
      {
        what: 'a fault of the server',
        status: 502,
        fields: { ...WORK, error: 'upstream_error', upstream_ms: MS },
        outcome: 'upstream_error',
        more: SENT,
        answer: (exchange) => exchange.send(500),
      },
      {
        what: 'a connection that is gone',
        status: 502,
        fields: { ...WORK, error: 'outcome_unknown', upstream_ms: MS },
        outcome: 'outcome_unknown',
        more: SENT,
        answer: (exchange) => exchange.request.socket.resetAndDestroy(),
      },
      {
        what: 'arguments that do not fit',
        tool: 'strict',
        status: 400,
        fields: { tool: 'strict', upstream: 'default', error: 'validation_error' },
        outcome: 'validation_error',
        more: TRANSLATED,
      },
      {
        what: 'a denied tool',
        tool: 'play',
        status: 403,
        fields: { tool: 'play', upstream: 'default', error: 'permission_error' },
        outcome: 'permission_error',
        more: TRANSLATED,
      },
      { what: 'no such tool', tool: '', status: 404, fields: { error: 'tool_not_found' }, outcome: 'tool_not_found', more: {} },
    ])('$what', async ({ tool = 'work', status, fields, outcome, more, answer }) => {
      await serve({}, {}, { roles: ROLES });
      if (answer) does = answer;
      const name = tool || 'nothing';
      const act = async () => {
        await served.as(face).call(name, {}, { id: ID });
        expect(await served.recordOf(ID)).toEqual(lineWith(status, fields, name));
      };
      expect(await movedBy(act)).toEqual(samples(labelsOf(tool, outcome), status, more));
    });

    /** HTTP refuses these before there is a call to count: no body is read for them. */
    const unlessHttp = (outcome: string) => (isHttp ? '' : labelsOf('', outcome));

    it('a limit that is met', async () => {
      await serve({ RATE_LIMIT_CLIENT: '1' });
      await served.as(face).call('work', {}, { id: 'before' });
      await served.recordOf('before');
      const act = async () => {
        await served.as(face).call('work', {}, { id: ID });
        expect(await served.recordOf(ID)).toEqual(lineWith(429, { error: 'rate_limit_error' }));
      };
      expect(await movedBy(act)).toEqual(samples(unlessHttp('rate_limit_error'), 429, {}));
    });

    // Over a socket the call waits for one, as long as that.
    it('no place that is free', async () => {
      await serve({ MAX_CONNECTIONS: '1', REQUEST_TIMEOUT: '1' });
      does = hold;
      const first = served.as(face).call('work', {}, { id: 'before' });
      await isHeld();
      const act = async () => {
        expect(await served.as(face).call('work', {}, { id: ID })).toMatchObject({ type: 'overloaded' });
        expect(await served.recordOf(ID)).toEqual(lineWith(503, { error: 'overloaded' }));
      };
      expect(await movedBy(act)).toEqual(samples(unlessHttp('overloaded'), 503, {}));
      held[0]?.result();
      await first;
    });

    it('a caller who has left', async () => {
      await serve();
      does = hold;
      const caller = served.as(face);
      const counted = `tool_calls_total{${labelsOf('work', 'outcome_unknown')}}`;
      const before = (await counts()).get(counted) ?? 0;
      const act = async () => {
        const answer = caller.call('work', {}, { id: ID });
        await isHeld();
        caller.leave();
        await answer;
        // Over HTTP the line is written when the caller leaves, before the call has ended.
        const error = isHttp ? {} : { error: 'outcome_unknown' };
        expect(await served.recordOf(ID)).toEqual(lineWith(499, { ...WORK, ...error, upstream_ms: MS }));
        await until('it is counted', async () => ((await counts()).get(counted) ?? 0) > before);
      };
      expect(await movedBy(act)).toEqual(samples(labelsOf('work', 'outcome_unknown'), 499, SENT));
    });

    // `UpstreamCall.retries` is not counted yet.
    it('tries of it that were not the first', async () => {
      await serve();
      let tries = 0;
      does = (exchange) => ((tries += 1) < 3 ? exchange.send(503, '', { 'retry-after': '0' }) : exchange.result());
      const act = async () => {
        expect(await served.as(face).call('work', {}, { id: ID })).toMatchObject({ type: 'result' });
        expect(await served.recordOf(ID)).toEqual(lineWith(200, { ...WORK, retries: 2, upstream_ms: MS }));
      };
      const retried = { 'upstream_retries_total{server="default"}': 2 };
      expect(await movedBy(act)).toEqual(samples(labelsOf('work', 'result'), 200, { ...SENT, ...retried }));
    });

    it('what of it LOG_PAYLOADS allows', async () => {
      await serve({ LOG_PAYLOADS: 'shape' });
      await served.as(face).call('work', { title: 'a secret' }, { id: ID });
      const payloads = { arguments: { title: 'string' }, result: { content: [{ type: 'string', text: 'string' }] } };
      expect(await served.recordOf(ID)).toEqual(lineWith(200, { ...WORK, ...payloads, upstream_ms: MS }));
    });
  });

  describe('[E2][AC4] while it runs', () => {
    it('lives on past REQUEST_TIMEOUT for as long as progress comes', async () => {
      await serve({}, { requestTimeoutMs: 2_000 });
      does = (exchange) => {
        exchange.stream();
        let beats = 0;
        const timer = setInterval(() => {
          beats += 1;
          exchange.event(beats < 10 ? exchange.progress(beats) : exchange.answer());
          if (beats === 10) clearInterval(timer);
        }, 250);
      };
      expect(await served.as(face).call('work')).toMatchObject({ type: 'result', value: textResult('done') });
    });

    it('is cancelled at its server, once, when its caller leaves, and gives its place back', async () => {
      await serve({ MAX_CONNECTIONS: '1' });
      does = hold;
      const caller = served.as(face);
      const answer = caller.call('work', {}, { id: ID });
      await isHeld();
      caller.leave();
      expect(await answer).toEqual({ type: 'left' });
      expect(await served.recordOf(ID)).toMatchObject(isHttp ? { status: 499 } : { is_delivered: false });
      does = (exchange) => exchange.result();
      await until('there is room', async () => (await served.as(face).call('work')).type === 'result');
      await until('the server is told', () => server.received('notifications/cancelled').length > 0);
      expect(await served.as(face).call('work')).toMatchObject({ type: 'result' });
      const told = server.received('notifications/cancelled').map(({ message }) => message.params?.requestId);
      expect(told).toEqual([held[0]?.message.id]);
    });
  });
});

describe('[AC4] a call over lines', () => {
  it("has its progress told before its outcome, each notification, without the gateway's own token", async () => {
    await serve();
    does = (exchange) => exchange.stream(...[1, 2, 3].map((progress) => exchange.progress(progress)), exchange.answer());
    const caller = served.lines();
    await Promise.all(['one', 'two'].map((id) => caller.call('work', {}, { id })));
    for (const id of ['one', 'two']) {
      const lines = caller.received.filter((line) => line.id === id);
      const told = [1, 2, 3].map((progress) => ({ id, progress: { progress } }));
      const limits = expect.objectContaining({ isAdmitted: true });
      const result = expect.objectContaining({ value: textResult('done') });
      expect(lines).toEqual([...told, { id, outcome: { kind: 'result', result }, limits }]);
    }
  });

  it('may be cancelled by itself: its caller is there, and told that nobody knows whether it ran', async () => {
    await serve({ MAX_CONNECTIONS: '2' });
    does = hold;
    const caller = served.lines();
    const [cancelled, other] = ['cancelled', 'other'].map((id) => caller.call('work', {}, { id }));
    await until('the server has both', () => held.length === 2);
    caller.cancel('cancelled');
    expect(await cancelled).toMatchObject({
      type: 'outcome_unknown',
      message: 'The caller left before "work" answered.',
      details: { server: 'default', outcome: 'unknown' },
    });
    expect(await served.recordOf('cancelled')).toMatchObject({ is_delivered: true, error: 'outcome_unknown' });
    for (const exchange of held) exchange.result();
    expect(await other).toMatchObject({ type: 'result' });
    await until('the server is told', () => server.received('notifications/cancelled').length > 0);
    does = (exchange) => exchange.result();
    expect(await caller.call('work')).toMatchObject({ type: 'result' });
    expect(server.received('notifications/cancelled')).toHaveLength(1);
  });
});
