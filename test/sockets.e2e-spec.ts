import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Settings } from '../src/config/settings.js';
import { ToolCatalog } from '../src/discovery/tool-catalog.service.js';
import { createLogger } from '../src/logging/json-logger.js';
import { closesAfterEach } from './support/ends.js';
import { get, request } from './support/exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { type Exchange, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.js';
import { refusedUpgrade, SocketClient } from './support/clients/socket-client.js';
import { until } from './support/until.js';

const closing = closesAfterEach();
const UUID = expect.stringMatching(/^[\da-f-]{36}$/);
let does: (exchange: Exchange) => unknown;
/** The calls that the server has and does not answer. */
let held: Exchange[];
let server: RawMcpServer;
let gateway: GatewayHere;

const hold = (exchange: Exchange) => held.push(exchange);

async function serve(environment: Readonly<Record<string, string>> = {}, settings: Partial<Settings> = {}): Promise<void> {
  held = [];
  does = (exchange) => exchange.result();
  const tools = [toolOf('work'), toolOf('play')];
  server = closing(await RawMcpServer.start({ tools, on: { 'tools/call': (exchange) => does(exchange) } }));
  gateway = closing(await startGatewayHere(environment, [httpUpstream(server.url)], settings));
  await until('the tools are listed', () => gateway.app.get(ToolCatalog, { strict: false }).snapshot().unlisted.length === 0);
}

const open = async (...more: [options?: object, protocols?: string[]]) => {
  const client = await SocketClient.open(gateway.url, ...more);
  closing({ close: () => client.close() });
  return client;
};

describe('[EP7][WS][T2] a socket', () => {
  it('says first which session it has, and within which bounds', async () => {
    await serve();
    const client = await open();
    expect(client.received).toEqual([
      {
        type: 'connection_established',
        seq: 1,
        data: {
          session_id: UUID,
          resume_token: expect.stringMatching(/^[\w-]{43}$/),
          limits: {
            calls_at_once: 8,
            queued_calls: 1_000,
            queued_bytes: 4_194_304,
            frame_bytes: 1_048_576,
            resume_seconds: 300,
            heartbeat_seconds: 30,
          },
        },
      },
    ]);
  });

  it('[AC4] has tools called, many at a time, and each answered under its id', async () => {
    await serve();
    does = hold;
    const client = await open();
    for (const id of ['a', 'b', 'c']) client.call(id, 'work', { id });
    await until('the server has all three', () => held.length === 3);
    for (const exchange of [...held].reverse()) exchange.result(textResult(`done for ${String(exchange.message.params?.arguments?.id)}`));
    for (const id of ['c', 'b', 'a']) {
      expect(await client.end(id)).toEqual({
        type: 'tool_result',
        correlation_id: id,
        seq: expect.any(Number),
        data: {
          name: 'work',
          result: `done for ${id}`,
          content: [{ type: 'text', text: `done for ${id}` }],
          duration_ms: expect.any(Number),
          limits: { scope: 'client', limit: 1_000_000_000, remaining: expect.any(Number), reset_seconds: expect.any(Number) },
        },
      });
    }
    expect(client.received.filter(({ type }) => type === 'tool_started').map(({ correlation_id, data }) => [correlation_id, data])).toEqual(
      ['a', 'b', 'c'].map((id) => [id, { name: 'work' }]),
    );
    expect(client.received.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('makes an id for a call that has none', async () => {
    await serve();
    const client = await open();
    client.call(undefined, 'work');
    expect(await client.next('tool_result')).toMatchObject({ correlation_id: UUID, data: { result: 'done' } });
  });

  it('[CALL] passes arguments and results on as they were written', async () => {
    await serve();
    const written = '{"big":12345678901234567890, "one":1.0,"e":1e400}';
    does = (exchange) =>
      exchange.send(
        200,
        `{"jsonrpc":"2.0","id":${JSON.stringify(exchange.message.id)},"result":{"content":[],"structuredContent":${written}}}`,
        {
          'content-type': 'application/json',
        },
      );
    const client = await open();
    client.sayText(`{"type":"tool_call","correlation_id":"a","data":{"name":"work","arguments":${written}}}`);
    await client.end('a');
    expect(server.received('tools/call')[0]?.text).toContain(`"arguments":${written}`);
    expect(client.texts.at(-1)).toContain(`"result":${written},"content":[]`);
  });

  it('answers a ping', async () => {
    await serve();
    const client = await open();
    client.say('ping', undefined, 'p1');
    expect(await client.next('pong')).toEqual({ type: 'pong', correlation_id: 'p1', seq: 2, data: {} });
  });

  it.each<[string, string | Buffer, string | undefined, object]>([
    [
      'no JSON',
      '{"type":\n  oops}',
      undefined,
      {
        type: 'malformed_json',
        message: expect.stringMatching(/^The frame is not valid JSON: .* at line 2, column 3\.$/),
        details: { line: 2, column: 3 },
      },
    ],
    ['no object', '[1]', undefined, { type: 'validation_error', message: 'A frame is an object: {"type", "correlation_id", "data"}.' }],
    [
      'a key twice',
      '{"type":"ping","type":"tool_call"}',
      undefined,
      {
        type: 'malformed_json',
        message: 'The frame is not valid JSON: a key that the same object has already at line 1, column 16.',
        details: { line: 1, column: 16 },
      },
    ],
    [
      'deep nesting',
      `{"type":"ping","data":${'['.repeat(70)}${']'.repeat(70)}}`,
      undefined,
      { type: 'validation_error', message: 'The frame is nested deeper than 64 levels.' },
    ],
    [
      'an unknown type',
      '{"type":"tool_cal","correlation_id":"a"}',
      'a',
      {
        type: 'validation_error',
        message:
          'The frame has no type that is known. Send one of tool_call, cancel, elicitation_response, list_tools, subscribe, ping, resume.',
        details: { types: ['tool_call', 'cancel', 'elicitation_response', 'list_tools', 'subscribe', 'ping', 'resume'] },
      },
    ],
    [
      'no type',
      '{"correlation_id":"a"}',
      'a',
      {
        type: 'validation_error',
        message:
          'The frame has no type that is known. Send one of tool_call, cancel, elicitation_response, list_tools, subscribe, ping, resume.',
        details: { types: ['tool_call', 'cancel', 'elicitation_response', 'list_tools', 'subscribe', 'ping', 'resume'] },
      },
    ],
    ['bytes', Buffer.from('{"type":"ping"}'), undefined, { type: 'validation_error', message: 'Send frames as text, not as bytes.' }],
    [
      'a call without a name',
      '{"type":"tool_call","correlation_id":"a","data":{"arguments":{}}}',
      'a',
      {
        type: 'validation_error',
        message: 'Invalid params: data.name is required',
        details: { field: 'data.name', issue: 'required', problems: [{ field: 'data.name', issue: 'required' }] },
      },
    ],
    [
      'a name that is no text',
      '{"type":"tool_call","correlation_id":"a","data":{"name":5}}',
      'a',
      {
        type: 'validation_error',
        message: 'Invalid params: data.name: must be a string',
        details: { field: 'data.name', issue: 'must be a string', problems: [{ field: 'data.name', issue: 'must be a string' }] },
      },
    ],
    [
      'a time that is no number',
      '{"type":"tool_call","correlation_id":"a","data":{"name":"work","timeout_ms":"5"}}',
      'a',
      {
        type: 'validation_error',
        message: 'Invalid params: data.timeout_ms: must be a whole number',
        details: {
          field: 'data.timeout_ms',
          issue: 'must be a whole number',
          problems: [{ field: 'data.timeout_ms', issue: 'must be a whole number' }],
        },
      },
    ],
    [
      'topics that are no list',
      '{"type":"subscribe","correlation_id":"a","data":{"topics":"tools_changed"}}',
      'a',
      {
        type: 'validation_error',
        message: 'Invalid params: data.topics: must be an array',
        details: { field: 'data.topics', issue: 'must be an array', problems: [{ field: 'data.topics', issue: 'must be an array' }] },
      },
    ],
    [
      'arguments that are none, and a member that is misspelt',
      '{"type":"tool_call","correlation_id":"a","data":{"name":"work","arguments":[1],"timeout":5}}',
      'a',
      {
        type: 'validation_error',
        message: 'Invalid params: data.timeout: unknown; data.arguments: must be an object',
        details: expect.objectContaining({
          problems: [
            { field: 'data.timeout', issue: 'unknown' },
            { field: 'data.arguments', issue: 'must be an object' },
          ],
        }),
      },
    ],
    [
      'an id that is none',
      '{"type":"ping","correlation_id":"a\\nb"}',
      undefined,
      {
        type: 'validation_error',
        message: 'Invalid params: correlation_id: must be 1 to 128 letters, digits and . _ -',
        details: expect.objectContaining({ field: 'correlation_id' }),
      },
    ],
  ])('[E5][E10][S4] tells what is wrong with %s, and goes on', async (_, text, correlation_id, error) => {
    await serve();
    const client = await open();
    client.socket.send(text);
    const id = correlation_id ?? UUID;
    const said = await client.next('error');
    expect(said).toEqual({
      type: 'error',
      ...(correlation_id && { correlation_id }),
      seq: 2,
      data: { status: 400, error: { ...(error as object), correlation_id: id } },
    });
    client.call('b', 'work');
    expect(await client.end('b')).toMatchObject({ type: 'tool_result' });
  });

  it('[AC3] tells how a call failed as HTTP does, with its status', async () => {
    await serve();
    const client = await open();
    client.call('a', 'worc');
    expect(await client.end('a')).toEqual({
      type: 'tool_error',
      correlation_id: 'a',
      seq: 3,
      data: {
        status: 404,
        error: {
          type: 'tool_not_found',
          message: 'There is no tool "worc". Did you mean work?',
          details: { tool: 'worc', closest: ['work'] },
          correlation_id: 'a',
        },
        duration_ms: expect.any(Number),
        limits: expect.objectContaining({ scope: 'client' }),
      },
    });
  });

  it('closes with 1009 on a frame that is too large, and says how large one may be', async () => {
    await serve();
    const client = await open();
    client.say('ping', { x: 'y'.repeat(2 * 1024 * 1024) });
    expect(await client.closed).toEqual({ code: 1009, reason: 'a frame may hold 1048576 bytes' });
  });
});

describe('[AC6][MON][EP7] a socket in the log and the metrics', () => {
  it('has a line when it has closed, under the id that its client was told, and its calls have theirs', async () => {
    const lines: Record<string, unknown>[] = [];
    const logger = createLogger('info', { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    held = [];
    does = (exchange) => exchange.result();
    server = closing(await RawMcpServer.start());
    gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)], {}, { logger }));
    const client = SocketClient.start(gateway.url, { headers: { 'x-correlation-id': 'the-socket' } });
    const [response] = (await once(client.socket, 'upgrade')) as [IncomingMessage];
    expect(response.headers['x-correlation-id']).toBe('the-socket');
    const metrics = async () => (await get(gateway.url, '/metrics')).text;
    await client.next('connection_established');
    expect(await metrics()).toMatch(/^mcpo_websockets_open 1$/m);
    await until('the tools are listed', () => gateway.app.get(ToolCatalog, { strict: false }).snapshot().unlisted.length === 0);
    client.call('the-call', 'work');
    await client.end('the-call');
    await client.close();
    const linesOf = (id: string, count = 1) =>
      until(`the lines of ${id}`, () => {
        const own = lines.filter(({ correlation_id }) => correlation_id === id);
        return own.length >= count && own;
      });
    expect(await linesOf('the-call')).toMatchObject([
      { msg: 'call', face: 'ws', is_delivered: true, tool: 'work', principal: 'anonymous' },
    ]);
    expect(await linesOf('the-socket')).toMatchObject([{ msg: 'socket', face: 'ws', code: 1000, frames_in: 1, frames_out: 3 }]);
    expect(await metrics()).toMatch(/^mcpo_websockets_open 0$/m);
    expect(await metrics()).toMatch(/^mcpo_websocket_frames_total\{direction="in",type="tool_call"\} [1-9]/m);
    expect(await metrics()).toMatch(/^mcpo_websocket_frames_total\{direction="out",type="tool_result"\} [1-9]/m);
    const foreign = { origin: 'https://evil.example', headers: { 'x-correlation-id': 'the-refused' } };
    expect((await refusedUpgrade(gateway.url, foreign)).status).toBe(403);
    expect(await linesOf('the-refused', 2)).toMatchObject([
      { msg: 'security_event', reason: 'bad_origin' },
      { msg: 'request', method: 'GET', path: '/v1/ws', status: 403, error: 'permission_error' },
    ]);
  });
});

describe('[S1][EP7] opening a socket', () => {
  const KEY = 'key-of-ann';
  const authorization = `Bearer ${KEY}`;
  const inProtocol = `mcpo.key.${Buffer.from(KEY).toString('base64url')}`;
  const refusal = (status: number, error: object, headers: object = {}) => ({
    status,
    headers: {
      'x-correlation-id': 'the-id',
      'content-type': 'application/json; charset=utf-8',
      'content-length': expect.any(String),
      connection: 'close',
      ...headers,
    },
    text: JSON.stringify({ error: { ...error, correlation_id: 'the-id' } }),
  });
  const refused = (options: { headers?: Record<string, string>; origin?: string } = {}, protocols?: string[]) =>
    refusedUpgrade(gateway.url, { ...options, headers: { 'x-correlation-id': 'the-id', ...options.headers } }, protocols);
  const UNKNOWN = {
    type: 'authentication_error',
    message: 'Authentication failed: send a valid API key or token as "Authorization: Bearer ...".',
  };

  it('needs a key where there are keys: without one there is no socket', async () => {
    await serve({ API_KEYS: `ann:${KEY}` });
    const expected = refusal(401, UNKNOWN, { 'www-authenticate': 'Bearer' });
    expect(await refused()).toEqual(expected);
    expect(await refused({ headers: { authorization: 'Bearer wrong' } })).toEqual(expected);
    expect(await refused({}, ['mcpo.v1', `mcpo.key.${Buffer.from('wrong').toString('base64url')}`])).toEqual(expected);
    expect((await refusedUpgrade(`${gateway.url}`, {}, [])).status).toBe(401);
    const client = await open({ headers: { authorization } });
    client.call('a', 'work');
    expect(await client.end('a')).toMatchObject({ type: 'tool_result' });
  });

  it('takes the key as a subprotocol, from browsers, and does not say it again', async () => {
    await serve({ API_KEYS: `ann:${KEY}` });
    const client = await open({}, ['mcpo.v1', inProtocol]);
    expect(client.socket.protocol).toBe('mcpo.v1');
    const invalid = (message: string) => refusal(400, { type: 'validation_error', message });
    expect(await refused({}, [inProtocol])).toEqual(invalid('Offer the subprotocol mcpo.v1, or none.'));
    expect(await refused({ headers: { authorization } }, ['mcpo.v1', inProtocol])).toEqual(
      invalid('Send the key as a header or as a subprotocol, not as both.'),
    );
    expect(await refused({}, ['mcpo.v1', inProtocol, 'mcpo.key.YQ'])).toEqual(invalid('Offer one subprotocol mcpo.key...., not several.'));
    expect(await refused({}, ['mcpo.v1', 'mcpo.key.CgoK'])).toEqual(invalid('After mcpo.key. comes the key in base64url.'));
  });

  it('takes no key from the URL', async () => {
    await serve({ API_KEYS: `ann:${KEY}` });
    const { status } = await request(gateway.url, `/v1/ws?token=${KEY}&access_token=${KEY}&api_key=${KEY}`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      },
    });
    expect(status).toBe(401);
  });

  it('[S2] is not for pages of other sites', async () => {
    await serve();
    const foreign = refusal(403, {
      type: 'permission_error',
      message:
        'Pages of this origin may not call the gateway; name it in CORS_ORIGINS if they should, or in PUBLIC_URL if it is where the gateway is found.',
      details: { reason: 'bad_origin' },
    });
    for (const origin of ['https://evil.example', 'null', 'http://localhost:3000.evil.example'])
      expect(await refused({ origin })).toEqual(foreign);
    for (const origin of ['http://localhost:3000', gateway.url]) await open({ origin });
    expect(await refused({ headers: { host: 'evil.example' } })).toEqual(
      refusal(403, {
        type: 'permission_error',
        message: 'The gateway does not answer under this host name; name it in ALLOWED_HOSTS if it should.',
        details: { reason: 'bad_host' },
      }),
    );
  });

  it('[S2] [ENV] is for pages of the host of PUBLIC_URL, by whatever name a proxy asks', async () => {
    await serve({ PUBLIC_URL: 'https://gw.example/mcpo' });
    await open({ origin: 'https://gw.example' });
    expect(await refused({ origin: 'http://gw.example' })).toMatchObject({ status: 403 });
  });

  it('is refused beyond MAX_SOCKETS, and possible again when one has closed', async () => {
    await serve({ MAX_SOCKETS: '2' });
    const [first] = [await open(), await open()];
    const reason = 'The gateway serves no more than 2 WebSockets at once (MAX_SOCKETS).';
    const message = `Service temporarily unavailable: the gateway serves no more than 2 WebSockets at once (MAX_SOCKETS).`;
    expect(await refused()).toEqual({
      ...refusal(503, {}, { 'retry-after': '1' }),
      text: JSON.stringify({ error: { type: 'overloaded', message, details: { reason }, correlation_id: 'the-id', retry_after: 1 } }),
    });
    await first?.close();
    await until('there is room', () =>
      SocketClient.open(gateway.url).then(
        (client) => client.close(),
        () => false,
      ),
    );
  });

  it('is told to plain requests, and other paths and protocols are what they were', async () => {
    await serve();
    expect(await get(gateway.url, '/v1/ws')).toMatchObject({
      status: 426,
      headers: { upgrade: 'websocket' },
      text: JSON.stringify({
        error: {
          type: 'request_error',
          message: 'This is a WebSocket: open it as one. A proxy in front must pass the headers Upgrade and Connection on.',
          correlation_id: 'test-id',
        },
      }),
    });
    const h2c = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' };
    expect(await get(gateway.url, '/health', h2c)).toMatchObject({ status: 200 });
    expect(await get(gateway.url, '/v1/wss', { connection: 'Upgrade', upgrade: 'websocket' })).toMatchObject({ status: 404 });
    expect(await get(gateway.url, '/v1/ws', { connection: 'Upgrade', upgrade: 'websocket' })).toMatchObject({
      status: 400,
      headers: { 'sec-websocket-version': '13' },
      text: expect.stringContaining('This opens no WebSocket (RFC 6455): '),
    });
  });

  it('is below the path prefix', async () => {
    await serve({}, { pathPrefix: '/tools' });
    expect((await get(gateway.url, '/v1/ws', { connection: 'Upgrade', upgrade: 'websocket' })).status).toBe(404);
    const client = await SocketClient.open(`${gateway.url}/tools`);
    await client.close();
  });

  it('[S1] is as good over TLS', async () => {
    const [cert, key] = ['crt', 'key'].map((kind) => readFileSync(`test/data/tls/server.${kind}`, 'utf8')) as [string, string];
    await serve({ API_KEYS: `ann:${KEY}` }, { tls: { cert, key } });
    const url = gateway.url.replace('http', 'https');
    expect(await refusedUpgrade(url, { rejectUnauthorized: false })).toMatchObject({ status: 401 });
    const client = await SocketClient.open(url, { rejectUnauthorized: false, headers: { authorization } });
    client.call('a', 'work');
    expect(await client.end('a')).toMatchObject({ type: 'tool_result' });
    await client.close();
  });
});
