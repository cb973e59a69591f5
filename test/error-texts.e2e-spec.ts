import { createLogger } from '../src/logging/json-logger.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { closesAfterEach } from './support/ends.js';
import { get, post } from './support/exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { type Exchange, RawMcpServer, type RawServerOptions } from './support/raw-mcp-server.js';
import { untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

/** Colours and the title of a terminal, marks that hide and reorder text, and a bell. */
const EVIL = '\u001b[31mred\u001b]0;title\u0007\u0000 \u009b2J\u202eright\u200b\u{e0041}\ttab\nline';
const CLEAN = '[31mred]0;title 2Jright\ttab\nline';
const LONG = 'x'.repeat(1_000_000);
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u{e0000}-\u{e007f}]/u;

interface Told {
  readonly error: { readonly type: string; readonly message: string; readonly details?: unknown };
}

describe("[AC3] a server's words about what went wrong", () => {
  const closing = closesAfterEach();

  const start = async (options: RawServerOptions) => {
    const lines: string[] = [];
    const server = closing(await RawMcpServer.start(options));
    const logger = createLogger('info', { write: (line: string) => void lines.push(line) });
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, { transport: 'streamable-http' })], {}, { logger }));
    return { server, gateway, lines };
  };

  const failure = async (call: (exchange: Exchange) => unknown): Promise<Told['error']> => {
    const { gateway } = await start({ on: { 'tools/call': call } });
    await untilPublished(gateway, 'work');
    const { text } = await post(gateway.url, '/v1/tools/work', {});
    return (JSON.parse(text) as Told).error;
  };
  const errorOf = ({ message }: Exchange, error: object) => ({ jsonrpc: '2.0', id: message.id, error });

  const WAYS: readonly [string, (exchange: Exchange, error: object) => void][] = [
    ['JSON-RPC', (exchange, error) => exchange.json(200, errorOf(exchange, error))],
    ['an event stream', (exchange, error) => exchange.stream(errorOf(exchange, error))],
    ['the body of an HTTP 500', (exchange, error) => exchange.json(500, errorOf(exchange, error))],
    ['the body of an HTTP 400', (exchange, error) => exchange.json(400, errorOf(exchange, error))],
  ];

  it.each(WAYS)('reach the caller without control characters: %s', async (_, answer) => {
    const data = { [`key${EVIL}`]: [EVIL, { inner: EVIL }], count: 5, none: null };
    for (const [code, type, details] of [
      [-32_000, 'upstream_error', { code: -32_000, data: { [`key${CLEAN}`]: [CLEAN, { inner: CLEAN }], count: 5, none: null } }],
      [
        -32_602,
        'validation_error',
        {
          [`key${CLEAN}`]: [CLEAN, { inner: CLEAN }],
          count: 5,
          none: null,
          field: 'arguments',
          issue: CLEAN,
          problems: [{ field: 'arguments', issue: CLEAN }],
        },
      ],
    ] as const)
      expect(await failure((exchange) => answer(exchange, { code, message: EVIL, data }))).toEqual({
        type,
        message: CLEAN,
        details,
        correlation_id: 'test-id',
      });
  });

  it.each(WAYS)('reach the caller cut: %s', async (_, answer) => {
    for (const code of [-32_000, -32_601, -32_602]) {
      const { message, details } = await failure((exchange) => answer(exchange, { code, message: LONG, data: { LONG } }));
      expect(message).toBe(`${'x'.repeat(7_999)}…`);
      expect(JSON.stringify(details).length).toBeLessThan(10_000);
    }
  });

  it("of a tool's own no reach the caller cut and without control characters", async () => {
    const saying = (...texts: readonly string[]) =>
      failure((exchange) => exchange.result({ isError: true, content: texts.map((text) => ({ type: 'text', text })) }));
    expect(await saying(EVIL, ' and \r\n more\n')).toEqual({
      type: 'tool_error',
      message: `${CLEAN}\n and \n more\n`,
      correlation_id: 'test-id',
    });
    expect((await saying(LONG, LONG)).message).toBe(`${'x'.repeat(15_999)}…`);
  });

  it('may come with data that is nested without end', async () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const answered = (member: string) =>
      failure(({ message, response }) =>
        response.setHeader('content-type', 'application/json').end(`{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},${member}}`),
      );
    const error = await answered(`"error":{"code":-32000,"message":"no","data":${nested}}`);
    expect(error).toEqual({
      type: 'upstream_error',
      message: 'no',
      details: { code: -32_000, data: expect.any(Array) },
      correlation_id: 'test-id',
    });
    expect(JSON.stringify(error).length).toBeLessThan(1_000);
    const no = await answered(`"result":{"isError":true,"content":[{"type":"text","text":"no"}],"structuredContent":{"a":${nested}}}`);
    expect(no).toEqual({ type: 'tool_error', message: 'no', correlation_id: 'test-id' });
  });

  it("[S6] tell no credentials where a tool's own no has no text", async () => {
    const server = closing(await RawMcpServer.start());
    server.on['tools/call'] = (exchange) =>
      exchange.result({ isError: true, content: [], structuredContent: { bad: exchange.headers['x-api-key'] } });
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, { headers: { 'x-api-key': 'CANARY-77ab' } })]));
    await untilPublished(gateway, 'work');
    const { status, text } = await post(gateway.url, '/v1/tools/work', {});
    expect([status, JSON.parse(text)]).toEqual([
      422,
      { error: { type: 'tool_error', message: '{"bad":"[hidden]"}', correlation_id: 'test-id' } },
    ]);
  });

  describe('while it is connected to', () => {
    const lastError = ({ app }: GatewayHere) => until('connecting has failed', () => app.get(McpClient).upstreams[0]?.status().lastError);
    const expectShort = async (gateway: GatewayHere, lines: readonly string[], said: RegExp) => {
      const error = await lastError(gateway);
      expect(error).toMatch(said);
      const reported = JSON.parse((await get(gateway.url, '/v1/servers')).text) as { servers: { lastError: string }[] };
      const logged = () => lines.map((line) => JSON.parse(line) as { msg: string; error?: string }).find(({ error }) => error);
      const texts = [error, reported.servers[0]?.lastError ?? '', (await until('the log', logged)).error ?? ''];
      for (const text of texts) {
        expect(text).not.toMatch(CONTROL);
        expect(text.length).toBeLessThanOrEqual(500);
      }
    };

    it.each(WAYS)('stand cut and without control characters in the log and in reports: %s', async (_, answer) => {
      const { gateway, lines } = await start({
        on: { initialize: (exchange) => answer(exchange, { code: -32_000, message: `no database ${EVIL}${LONG}` }) },
      });
      await expectShort(gateway, lines, /no database/);
    });

    it.each([400, 500])('are not repeated of a text with HTTP %d', async (status) => {
      const { gateway, lines } = await start({ on: { initialize: (exchange) => exchange.send(status, `${EVIL}${LONG}`) } });
      await expectShort(gateway, lines, /HTTP (?:400|500)$/);
    });

    it('stand so, too, where a list fails', async () => {
      const { gateway, lines } = await start({ on: { 'tools/list': (exchange) => exchange.error(-32_000, `no list ${EVIL}${LONG}`) } });
      const logged = () =>
        lines.map((line) => JSON.parse(line) as { msg: string; error?: string }).find(({ msg }) => msg === 'tools could not be listed');
      const { error = '' } = await until('the log', logged);
      expect(error).toMatch(/no list/);
      expect(error).not.toMatch(CONTROL);
      expect(error.length).toBeLessThanOrEqual(500);
      expect(gateway.app.get(McpClient).upstreams[0]?.isConnected).toBe(true);
    });

    it('[S6] tell no credentials where a list fails', async () => {
      const lines: string[] = [];
      const server = closing(await RawMcpServer.start());
      server.on['tools/list'] = (exchange) => exchange.error(-32_000, `bad key ${exchange.headers['x-api-key'] as string}`);
      const logger = createLogger('info', { write: (line: string) => void lines.push(line) });
      closing(await startGatewayHere({}, [httpUpstream(server.url, { headers: { 'x-api-key': 'CANARY-77aa' } })], {}, { logger }));
      // Of this one: the log is that of all gateways of this process.
      await until('the log', () => lines.some((line) => line.includes('tools could not be listed') && line.includes('bad key [hidden]')));
      expect(lines.join('\n')).not.toContain('CANARY-77aa');
    });
  });
});
