import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { UpstreamSettings } from '../src/config/upstream-settings.js';
import { closesAfterEach } from './support/ends.js';
import { get } from './support/exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere, stdioUpstream } from './support/gateway.js';
import { ROOT } from './support/processes.js';
import { type Exchange, RawMcpServer, type RawServerOptions, textResult, toolOf } from './support/raw-mcp-server.js';
import { answerTo, RawSseServer } from './support/raw-sse-server.js';
import { callTool, publishedTools } from './support/tool-requests.js';
import { until } from './support/until.js';

/** A wait that a server which is understood does not need, and that ends a test of one which is not. */
const SOON_MS = 4_000;
const ODD = path.join(ROOT, 'test/support/servers/odd-stdio.mjs');

const closing = closesAfterEach();

async function gatewayTo(upstream: UpstreamSettings): Promise<GatewayHere> {
  return closing(await startGatewayHere({}, [upstream]));
}

const hasTool = (gateway: GatewayHere) => async () => (await publishedTools(gateway)).includes('work');

/** What the tool `work` of this server answers, as soon as it is published. */
async function worked(upstream: UpstreamSettings): Promise<unknown> {
  const gateway = await gatewayTo(upstream);
  await until('the document has work', hasTool(gateway), SOON_MS);
  const { status, body } = await callTool(gateway, 'work');
  return [status, body];
}

/** What the state of the only server says once it is no more `starting`. */
async function stateOf(gateway: GatewayHere): Promise<{ state: string; tools: number; lastError?: string }> {
  const look = async () => {
    const { servers } = JSON.parse((await get(gateway.url, '/v1/servers')).text) as { servers: { state: string; tools: number }[] };
    const [server] = servers;
    return server && server.state !== 'starting' && server.state !== 'up' && server;
  };
  return until('a state that says what is wrong', look, SOON_MS);
}

const DONE = [200, 'done'];
const INTRODUCTION = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'odd', version: '1' } };
const RESULTS: Readonly<Record<string, unknown>> = {
  initialize: INTRODUCTION,
  'tools/list': { tools: [toolOf('work')] },
  'tools/call': textResult('done'),
};

/** A server over HTTP that writes each answer in its own way. */
async function odd(
  write: (exchange: Exchange, answer: { id: unknown; result: unknown }) => void,
  results: Readonly<Record<string, unknown>> = {},
  more: RawServerOptions = {},
): Promise<UpstreamSettings> {
  const all = { ...RESULTS, ...results };
  const on = Object.fromEntries(
    Object.keys(all).map((method) => [
      method,
      (exchange: Exchange) => write(exchange, exchange.answer(all[method]) as { id: unknown; result: unknown }),
    ]),
  );
  const server = closing(await RawMcpServer.start({ sessions: false, on: { GET: (exchange) => exchange.send(405), ...on }, ...more }));
  return httpUpstream(server.url, { protocol: 'legacy', requestTimeoutMs: 3_000 });
}

const asIs = (exchange: Exchange, answer: unknown) => exchange.json(200, answer);
const asStream = (exchange: Exchange, text: string, type = 'text/event-stream') => exchange.send(200, text, { 'content-type': type });
const JSON_TYPE = { 'content-type': 'application/json' };

describe('a server over HTTP is understood', () => {
  it.each([201, 202, 203, 206])('[AC5][AC2] with the status %i and a JSON body', async (status) => {
    expect(await worked(await odd((exchange, answer) => exchange.json(status, answer)))).toEqual(DONE);
  });

  it('[AC5] with ids as text where a number was sent', async () => {
    expect(await worked(await odd((exchange, answer) => exchange.json(200, { ...answer, id: String(answer.id) })))).toEqual(DONE);
  });

  it('[AC5] with ids as text in a stream', async () => {
    const write = (exchange: Exchange, answer: object) =>
      asStream(exchange, `data: ${JSON.stringify({ ...answer, id: String(exchange.message.id) })}\n\n`);
    expect(await worked(await odd(write))).toEqual(DONE);
  });

  it.each([
    ['instructions', { ...INTRODUCTION, instructions: null }],
    ['capabilities', { ...INTRODUCTION, capabilities: { tools: null, prompts: null, experimental: null } }],
    ['parts of a capability', { ...INTRODUCTION, capabilities: { tools: { listChanged: null }, logging: null } }],
    ['all capabilities', { ...INTRODUCTION, capabilities: null }],
    ['parts of serverInfo', { ...INTRODUCTION, serverInfo: { name: 'odd', version: '1', title: null, icons: null, websiteUrl: null } }],
    ['_meta', { ...INTRODUCTION, _meta: null }],
  ])('[AC5] with null for %s', async (_, introduction) => {
    expect(await worked(await odd(asIs, { initialize: introduction }))).toEqual(DONE);
  });

  it('[AC5] with tools, though it declares no capability of that name', async () => {
    expect(await worked(await odd(asIs, { initialize: { ...INTRODUCTION, capabilities: { prompts: {} } } }))).toEqual(DONE);
  });

  it('[AC5] with an error that is null beside the result', async () => {
    expect(await worked(await odd((exchange, answer) => exchange.json(200, { ...answer, error: null })))).toEqual(DONE);
  });

  it.each<[string, (answer: object) => object]>([
    ['null for `method` and `params` beside the result', (answer) => ({ ...answer, method: null, params: null, error: null })],
    ['members that JSON-RPC does not know', (answer) => ({ ...answer, server: 'odd', timing: 3 })],
    ['null for `_meta` of each result', (answer) => ({ ...answer, result: { ...(answer as { result: object }).result, _meta: null } })],
  ])('[AC5] with %s', async (_, dialect) => {
    expect(await worked(await odd((exchange, answer) => exchange.json(200, dialect(answer))))).toEqual(DONE);
  });

  it('[AC5] with null for `nextCursor`, and for all that a tool may leave out', async () => {
    const tool = {
      ...(toolOf('work') as object),
      title: null,
      description: null,
      annotations: null,
      outputSchema: null,
      icons: null,
      _meta: null,
    };
    expect(await worked(await odd(asIs, { 'tools/list': { tools: [tool], nextCursor: null } }))).toEqual(DONE);
  });

  it.each(['event: ping\ndata: {}', 'event: ping\ndata: keep-alive', 'event: heartbeat\ndata: {"id":1,"result":{}}', 'data', ': comment'])(
    '[AC5][AC2] with events that are no messages before the answer: %j',
    async (other) => {
      const write = (exchange: Exchange, answer: unknown) => asStream(exchange, `${other}\n\ndata: ${JSON.stringify(answer)}\n\n`);
      expect(await worked(await odd(write))).toEqual(DONE);
    },
  );

  it('[AC5] without `jsonrpc`', async () => {
    expect(await worked(await odd((exchange, answer) => exchange.json(200, { ...answer, jsonrpc: undefined })))).toEqual(DONE);
  });

  it('[AC5] with a batch of one', async () => {
    expect(await worked(await odd((exchange, answer) => exchange.json(200, [answer])))).toEqual(DONE);
  });

  it('[AC5] with a byte order mark', async () => {
    const write = (exchange: Exchange, answer: unknown) => exchange.send(200, `\uFEFF${JSON.stringify(answer)}`, JSON_TYPE);
    expect(await worked(await odd(write))).toEqual(DONE);
  });

  it('[AC5] without a type of what it sends', async () => {
    expect(await worked(await odd((exchange, answer) => exchange.send(200, JSON.stringify(answer))))).toEqual(DONE);
  });

  it.each([
    ['CR', '\r'],
    ['CR at the end, the blank line in a chunk of its own', '\r', true],
  ])('[AC2][AC5] with events whose lines end in %s', async (_, end, isApart = false) => {
    const write = (exchange: Exchange, answer: unknown) => {
      const lines = `event: message${end}data: ${JSON.stringify(answer)}${end}`;
      if (!isApart) return asStream(exchange, lines + end);
      exchange.response.writeHead(200, { 'content-type': 'text/event-stream' });
      exchange.response.write(lines, () => setTimeout(() => exchange.response.end(end), 50));
    };
    expect(await worked(await odd(write))).toEqual(DONE);
  });

  it('[AC2][AC5] with events whose lines end in CR LF, cut between both', async () => {
    const write = (exchange: Exchange, answer: unknown) => {
      exchange.response.writeHead(200, { 'content-type': 'text/event-stream' });
      exchange.response.write(`data: ${JSON.stringify(answer)}\r`, () => setTimeout(() => exchange.response.end('\n\r\n'), 50));
    };
    expect(await worked(await odd(write))).toEqual(DONE);
  });

  it('[AC2] with an image that is a data URI already', async () => {
    const uri = 'data:image/png;base64,iVBORw0KGgo=';
    const result = { content: [{ type: 'image', data: uri, mimeType: 'image/png' }] };
    expect(await worked(await odd(asIs, { 'tools/call': result }))).toEqual([200, uri]);
  });
});

describe('a server over stdio is understood', () => {
  const understood = async (dialect: string) =>
    expect(await worked(stdioUpstream(ODD, [dialect], { protocol: 'legacy', requestTimeoutMs: 3_000 }))).toEqual(DONE);

  it.each(['nullcaps', 'errnull', 'batch'])('[AC5][AC2] in the dialect %s', understood);

  it.each(['idstring', 'bom'])('[AC5][AC2] in the dialect %s', understood);
});

describe('a server over SSE is understood', () => {
  const over = async (dialect: (message: unknown) => unknown) => {
    const on = Object.fromEntries(
      Object.entries(RESULTS).map(([method, result]) => [
        method,
        (posted: Parameters<typeof answerTo>[0]) => dialect(answerTo(posted, result)),
      ]),
    );
    const server = closing(await RawSseServer.start({ on }));
    return httpUpstream(server.url, { transport: 'sse', requestTimeoutMs: 3_000 });
  };

  it('[AC5][AC2] with ids as text and errors that are null', async () => {
    const dialect = (message: unknown) => ({ ...(message as object), id: String((message as { id: unknown }).id), error: null });
    expect(await worked(await over(dialect))).toEqual(DONE);
  });

  it('[AC5][AC2] with null for all members of other kinds of messages', async () => {
    const dialect = (message: unknown) => ({ ...(message as object), method: null, params: null, error: null });
    expect(await worked(await over(dialect))).toEqual(DONE);
  });
});

describe('a change of tools is heard', () => {
  it.each<[string, object]>([
    ['with null for `params`', { params: null }],
    ['with null for `id`', { id: null }],
    ['with null for `_meta`', { params: { _meta: null } }],
  ])('[AC5] %s', async (_, more) => {
    const server = closing(await RawMcpServer.start());
    const gateway = await gatewayTo(httpUpstream(server.url, { protocol: 'legacy' }));
    await until('the document has work', hasTool(gateway), SOON_MS);
    await until('the stream is open', () => server.openStreams.size > 0);
    server.tools = [toolOf('other')];
    const notice = { jsonrpc: '2.0', method: 'notifications/tools/list_changed', ...more };
    for (const stream of server.openStreams) stream.write(`data: ${JSON.stringify(notice)}\n\n`);
    await until('the document has the other', async () => (await publishedTools(gateway)).includes('other'), SOON_MS);
  });
});

describe('a server that is not understood', () => {
  it('[E1][AC10] over HTTP with the id of another request says so', async () => {
    const gateway = await gatewayTo(await odd((exchange, answer) => exchange.json(200, { ...answer, id: 77 })));
    expect((await stateOf(gateway)).lastError).toMatch(/answered "initialize" with the id 77, which is not that of the request/);
  });

  it.each<[string, object, RegExp]>([
    ['an error that is a text', { error: 'no such thing here' }, /no such thing here/],
    ['an error without a code', { error: { message: 'no such thing here' } }, /no such thing here/],
    ['an error whose code is a text', { error: { code: 'E1', message: 'no such thing here' } }, /no such thing here/],
    ['an error without a message', { error: { code: -32_000 } }, /The MCP server gave no message/],
    ['a result that is null', { result: null }, /an answer with neither a result nor an error/],
    ['a result that is a text', { result: 'done' }, /an answer with neither a result nor an error/],
  ])('[E1][AC10] over HTTP that answers with %s says so at once', async (_, answered, reason) => {
    const upstream = await odd((exchange, answer) =>
      exchange.json(200, exchange.message.method === 'tools/list' ? { jsonrpc: '2.0', id: answer.id, ...answered } : answer),
    );
    expect((await stateOf(await gatewayTo(upstream))).lastError).toMatch(reason);
  });

  it('[E1][AC10] over HTTP with what is no JSON says what came', async () => {
    const gateway = await gatewayTo(await odd((exchange) => exchange.send(200, '<h1>Welcome</h1>', { 'content-type': 'text/html' })));
    expect((await stateOf(gateway)).lastError).toMatch(/text\/html/);
  });

  it('[E1][AC10] over HTTP with what is compressed says so', async () => {
    const packed = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const gateway = await gatewayTo(
      await odd((exchange, answer) => exchange.response.writeHead(200, packed).end(gzipSync(JSON.stringify(answer)))),
    );
    expect((await stateOf(gateway)).lastError).toMatch(/answered "initialize" compressed \(gzip\)/);
  });

  /** A server that has written nothing when its time is over is started again. */
  const untilLastError = (gateway: GatewayHere, reason: RegExp) =>
    until(`the last error is ${reason.source}`, async () => reason.test((await stateOf(gateway)).lastError ?? ''));

  it('[E1][AC10] over stdio that answers with another id says so', async () => {
    const gateway = await gatewayTo(stdioUpstream(ODD, ['idother'], { protocol: 'legacy', startTimeoutMs: 1_500 } as object));
    await untilLastError(gateway, /did not answer "initialize".*id 77, which nothing was asked with/);
  });

  it('[E1][AC10] over stdio that writes its messages in another form says so', async () => {
    const gateway = await gatewayTo(stdioUpstream(ODD, ['framed'], { protocol: 'legacy', startTimeoutMs: 1_500 }));
    await untilLastError(gateway, /did not answer "initialize".*; what it wrote to stdout is no JSON-RPC message in a line of its own\.$/);
  });

  it('[E1][AC10] over stdio that ends again and again says how it ends, beside how often it was started', async () => {
    const gateway = await gatewayTo(stdioUpstream(ODD, ['exits'], { protocol: 'legacy' }));
    const reason = await until('the bound is reached', async () => {
      await callTool(gateway, 'work');
      const { lastError = '' } = await stateOf(gateway);
      return lastError.includes('started 5 times') && lastError;
    });
    expect(reason).toMatch(/^The process ended with exit code 7\. It was started 5 times within a minute; the next start is in \d+ s\.$/);
  });

  it('[E8][AC10] is not up while its list has failed and nothing is listed', async () => {
    const on = { 'tools/list': (exchange: Exchange) => exchange.error(-32_603, 'the catalogue is broken') };
    const server = closing(await RawMcpServer.start({ on }));
    const gateway = await gatewayTo(httpUpstream(server.url, { protocol: 'legacy' }));
    expect(await stateOf(gateway)).toMatchObject({
      state: 'degraded',
      tools: 0,
      lastError: 'its tools could not be listed: the catalogue is broken',
    });
    server.on['tools/list'] = (exchange) => exchange.result({ tools: [toolOf('work')] });
    const isUp = async () =>
      (JSON.parse((await get(gateway.url, '/v1/servers')).text) as { servers: { state: string }[] }).servers[0]?.state === 'up';
    await until('it is up', isUp);
  });

  it('[E8][AC10] is not up while its list trickles and nothing is listed', async () => {
    let finish: () => void = () => undefined;
    const on = {
      'tools/list': (exchange: Exchange) => {
        const text = JSON.stringify(exchange.answer({ tools: [toolOf('work')] }));
        exchange.response.writeHead(200, { 'content-type': 'application/json' }).write(' ');
        finish = () => exchange.response.end(text);
      },
    };
    const server = closing(await RawMcpServer.start({ on }));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, { protocol: 'legacy' })]));
    const told = async () =>
      (JSON.parse((await get(gateway.url, '/v1/servers')).text) as { servers: Record<string, unknown>[] }).servers[0];
    await until('it says so', async () => (await told())?.['state'] === 'degraded', 9_000);
    expect(await told()).toMatchObject({ tools: 0, lastError: 'its tools have been asked for, and have not come within 5 s' });
    finish();
    await until('it is up', async () => (await told())?.['state'] === 'up');
    expect(await told()).toMatchObject({ tools: 1 });
  }, 15_000);
});
