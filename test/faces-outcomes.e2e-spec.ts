import { setTimeout as sleep } from 'node:timers/promises';
import { closesAfterEach } from './support/ends.js';
import { ALL_FACES, startAllFaces, type Told } from './support/faces/faces.js';
import { httpUpstream } from './support/gateway.js';
import { type Exchange, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.js';

/** The first of ten calls. */
const LIMITS = { scope: 'client', limit: 10, remaining: 9 };
/** Longer than a call may wait for it. */
const WAIT = 31;
const DONE = { type: 'result', value: textResult('done') };

/** Each way for a call to end, told alike by every face, with what is left of the limits. */
const TAKEN = { field: 'title', issue: 'is taken' };

describe.each(ALL_FACES)('[AC3][AC9] the outcome of a call over %s', (face) => {
  const closing = closesAfterEach();
  const STRICT = { name: 'strict', inputSchema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] } };
  const unavailable = (reason: string, retryAfter: unknown = 1) => ({
    type: 'upstream_unavailable',
    message: 'Service temporarily unavailable',
    details: { server: 'default', reason },
    retryAfter,
  });
  const upstreamError = (message: string, details: object) => ({ type: 'upstream_error', message, details });

  interface Case {
    readonly tool?: string;
    /** What the server does; it answers `done` unless told. */
    readonly does?: (exchange: Exchange) => unknown;
    readonly before?: (server: RawMcpServer) => unknown;
    readonly requestTimeoutMs?: number;
  }

  const call = async ({ tool = 'work', does, before, requestTimeoutMs = 30_000 }: Case): Promise<Told> => {
    const on = does && { 'tools/call': does };
    const server = closing(await RawMcpServer.start({ tools: [toolOf('work'), STRICT], ...(on && { on }) }));
    const served = closing(await startAllFaces({ RATE_LIMIT_CLIENT: '10' }, [httpUpstream(server.url, { requestTimeoutMs })]));
    await before?.(server);
    return served.as(face).call(tool);
  };

  it.each<[string, Case, object]>([
    ['a result', {}, DONE],
    [
      "a tool's own no",
      { does: (exchange) => exchange.result({ ...(textResult('No such plan.') as object), isError: true }) },
      { type: 'tool_error', message: 'No such plan.' },
    ],
    [
      'arguments that do not fit',
      { tool: 'strict' },
      {
        type: 'validation_error',
        message: expect.stringMatching(/^Invalid params: .*title/),
        details: { field: 'title', issue: 'required', problems: [{ field: 'title', issue: 'required' }] },
      },
    ],
    [
      "the server's judgement of the arguments",
      { does: (exchange) => exchange.error(-32_602, 'Invalid params', { field: 'title', issue: 'is taken' }) },
      { type: 'validation_error', message: expect.stringMatching(/title.*is taken/), details: { ...TAKEN, problems: [TAKEN] } },
    ],
    [
      'credentials that the server refuses: 401',
      { does: (exchange) => exchange.send(401) },
      {
        type: 'permission_error',
        message:
          'The MCP server "default" refused the call (HTTP 401), which came without credentials; it may want some that whoever runs the gateway gives it.',
        details: { reason: 'upstream_credentials', server: 'default' },
      },
    ],
    [
      'no such tool',
      { tool: 'worc' },
      {
        type: 'tool_not_found',
        message: 'There is no tool "worc". Did you mean work?',
        details: { tool: 'worc', closest: ['work'] },
      },
    ],
    [
      'a tool that its server has no more',
      {
        // The gateway asks again only when its list is older than a second.
        does: async (exchange) => {
          await sleep(1_200);
          exchange.error(-32_602, 'Unknown tool: work');
        },
        before: (server) => (server.tools = [STRICT]),
      },
      { type: 'tool_not_found', message: 'Unknown tool: work' },
    ],
    [
      'a limit of the server: 429',
      { does: (exchange) => exchange.send(429, '', { 'retry-after': `${WAIT}` }) },
      {
        type: 'rate_limit_error',
        message: `The MCP server "default" limits calls: try again in ${WAIT} s.`,
        details: { scope: 'upstream', server: 'default' },
        retryAfter: WAIT,
        // Headers of limits are the server's own then, of which this one sends none.
        limits: face === 'http' ? undefined : LIMITS,
      },
    ],
    [
      'a server that is away',
      { before: (server) => server.stop() },
      unavailable('The MCP server cannot be reached; the tool did not run.', expect.any(Number)),
    ],
    [
      'a server that says that it is: 503',
      { does: (exchange) => exchange.send(503, '', { 'retry-after': `${WAIT}` }) },
      unavailable('The MCP server says that it is unavailable (HTTP 503).', WAIT),
    ],
    [
      'a fault of the server over HTTP',
      { does: (exchange) => exchange.send(500, 'secret of the server') },
      upstreamError('The MCP server "default" answered HTTP 500 instead of a result.', { server: 'default', status: 500 }),
    ],
    [
      'a fault of the server as JSON-RPC has it',
      { does: (exchange) => exchange.error(-32_603, 'the disk is full', { path: '/var' }) },
      upstreamError('the disk is full', { code: -32_603, data: { path: '/var' } }),
    ],
    [
      'an answer that is none',
      { does: (exchange) => exchange.json(200, { status: 'ok' }) },
      upstreamError('The MCP server sent an answer that is not the JSON-RPC response to the call.', {
        server: 'default',
        outcome: 'unknown',
      }),
    ],
    [
      'a question of the tool, which nobody can answer',
      { does: (exchange) => exchange.result({ resultType: 'input_required' }) },
      {
        type: 'tool_error',
        message:
          '"work" asks the user a question, which cannot be put to them here, so it was declined. Call it over WebSocket (/v1/ws) or MCP (/mcp) with a client that answers questions, or give it all it needs as arguments.',
      },
    ],
    [
      'silence',
      { does: () => undefined, requestTimeoutMs: 2_000 },
      {
        type: 'upstream_timeout',
        message: '"work" gave no sign of life for 2 s (REQUEST_TIMEOUT). It may have run.',
        details: { server: 'default', limit: 'REQUEST_TIMEOUT', seconds: 2, outcome: 'unknown' },
      },
    ],
    [
      'an answer that never came',
      { does: (exchange) => exchange.request.socket.resetAndDestroy() },
      {
        type: 'outcome_unknown',
        message: 'The connection to the MCP server ended before it answered: "work" may have run.',
        details: { server: 'default', outcome: 'unknown' },
      },
    ],
  ])('is told whole: %s', async (_, given, expected) => {
    expect(await call(given)).toEqual({ limits: LIMITS, ...expected });
  });
});

describe('[AC3] the outcome of a call that a face asks for in a way of which HTTP lets nobody ask', () => {
  const closing = closesAfterEach();

  it.each<[string, { server?: string; idempotencyKey?: string }, object]>([
    ['with a key that is none', { idempotencyKey: 'two\nlines' }, wrongKey()],
    ['with an empty key', { idempotencyKey: '' }, wrongKey()],
    ['with a key as long as a book', { idempotencyKey: 'k'.repeat(100_000) }, wrongKey()],
    ['of a server that there is not', { server: 'nowhere' }, noServer('nowhere')],
    ['of a server named as what objects have', { server: '__proto__' }, noServer('__proto__')],
  ])('is a refusal: %s', async (_, how, expected) => {
    const server = closing(await RawMcpServer.start());
    const caller = closing(await startAllFaces({ RATE_LIMIT_CLIENT: '10' }, [httpUpstream(server.url)])).lines();
    expect(await caller.call('work', {}, how)).toEqual({ limits: LIMITS, ...expected });
    expect(server.received('tools/call')).toEqual([]);
    expect(await caller.call('work', {}, { idempotencyKey: 'k', server: 'default' })).toMatchObject(DONE);
  });
});

function wrongKey() {
  const problem = { field: 'idempotency_key', issue: 'must be 1 to 255 visible ASCII characters, a new one for each new call' };
  const message = `Invalid params: idempotency_key: ${problem.issue}`;
  return { type: 'validation_error', message, details: { ...problem, problems: [problem] } };
}

function noServer(name: string) {
  const message = `There is no server "${name}" here. GET /openapi.json lists all tools.`;
  return { type: 'tool_not_found', message, details: { tool: 'work', closest: [] } };
}
