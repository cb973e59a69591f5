import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { closesAfterEach } from './support/ends.ts';
import { drill } from './support/long-drills.ts';
import { forgetPeak, peakMb } from './support/process/peak-memory.ts';
import { ROOT, type RunningProcess, startGateway } from './support/processes.ts';
import { type Exchange, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.ts';
import { RawSseServer } from './support/raw-sse-server.ts';
import { callTool, untilPublished } from './support/tool-requests.ts';

const PIECES = 2_000_000;
const AT_ONCE = 20_000;
const STDIO_SERVER = path.join(ROOT, 'test/support/servers/raw-stdio.mjs');
/** They cost 9 to 52, much of it the young generation, which objects of the HTTP parser fill; 96 and more where an event is kept piece by piece. */
const MOST_MB = 80;

/** Sends a text, each byte of which between `from` and `to` is a chunk of its own. */
async function inPieces(response: ServerResponse, contentType: string, head: string, tail: string): Promise<void> {
  response.writeHead(200, { 'content-type': contentType, 'transfer-encoding': 'chunked' }).flushHeaders();
  const { socket } = response;
  if (!socket) return;
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
  const many = Buffer.from(chunk('x').repeat(AT_ONCE));
  socket.write(chunk(head));
  for (let sent = 0; sent < PIECES && !socket.destroyed; sent += AT_ONCE) if (!socket.write(many)) await drained(socket);
  socket.write(`${chunk(tail)}0\r\n\r\n`);
}

async function drained(socket: NonNullable<ServerResponse['socket']>): Promise<void> {
  const gone = new AbortController();
  const stop = () => gone.abort();
  socket.once('close', stop);
  await once(socket, 'drain', { signal: gone.signal }).catch(() => undefined);
  socket.off('close', stop);
}

const X = 'x'.repeat(PIECES);

describe('[AC3][P5] a server that sends two million bytes one by one', () => {
  const closing = closesAfterEach();

  const measured = async (gateway: RunningProcess, work: () => Promise<void>, mostMb = MOST_MB) => {
    await callTool(gateway, 'work', { small: true });
    forgetPeak(gateway.pid);
    const before = peakMb(gateway.pid);
    await work();
    expect(peakMb(gateway.pid) - before).toBeLessThan(mostMb);
  };

  const answersCalls = async (answer: (exchange: Exchange) => Promise<void>) => {
    const on = {
      'tools/call': (exchange: Exchange) =>
        exchange.message.params?.arguments?.['small'] === true ? exchange.result(textResult('small')) : answer(exchange),
    };
    const server = closing(await RawMcpServer.start({ on }));
    const gateway = closing(await startGateway({ env: { MCP_SERVER_URL: server.url } }));
    await untilPublished(gateway, 'work');
    await measured(gateway, async () => expect(await callTool(gateway, 'work')).toMatchObject({ status: 200, body: X }));
  };
  const head = ({ message }: { readonly message: { readonly id?: unknown } }) =>
    `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":{"content":[{"type":"text","text":"`;
  const TAIL = '"}]}}';

  it(
    'as JSON, in its answer to a call, costs little memory',
    () => answersCalls((exchange) => inPieces(exchange.response, 'application/json', head(exchange), TAIL)),
    60_000,
  );

  it(
    'as an event, in its answer to a call, costs little memory',
    () => answersCalls((exchange) => inPieces(exchange.response, 'text/event-stream', `data: ${head(exchange)}`, `${TAIL}\n\n`)),
    60_000,
  );

  it('in a list costs little memory', async () => {
    let isLarge = false;
    const on = {
      'tools/list': (exchange: Exchange) => {
        if (!isLarge) return exchange.result({ tools: [toolOf('work')] });
        const head = `{"jsonrpc":"2.0","id":${JSON.stringify(exchange.message.id)},"result":{"tools":[${JSON.stringify(toolOf('late'))}],"_meta":{"x":"`;
        return inPieces(exchange.response, 'application/json', head, '"}}}');
      },
    };
    const server = closing(await RawMcpServer.start({ on }));
    const gateway = closing(await startGateway({ env: { MCP_SERVER_URL: server.url } }));
    await untilPublished(gateway, 'work');
    await measured(gateway, async () => {
      isLarge = true;
      server.notify('notifications/tools/list_changed');
      await untilPublished(gateway, 'late');
    });
  }, 60_000);

  it('over SSE costs little memory', async () => {
    const server = closing(
      await RawSseServer.start({
        on: {
          'tools/call': ({ message, stream }) => {
            if (message.params?.arguments?.['small'] === true) return { jsonrpc: '2.0', id: message.id, result: textResult('small') };
            void pour(stream as ServerResponse, `data: ${head({ message })}`, `${TAIL}\n\n`);
            return undefined;
          },
        },
      }),
    );
    const gateway = closing(await startGateway({ env: { MCP_SERVER_URL: server.url } }));
    await untilPublished(gateway, 'work');
    await measured(gateway, async () => expect(await callTool(gateway, 'work')).toMatchObject({ status: 200, body: X }));
  }, 60_000);

  it('over stdio costs little memory', async () => {
    const args = ['--', process.execPath, STDIO_SERVER, JSON.stringify({ oneByOne: true })];
    const gateway = closing(await startGateway({ args }));
    await untilPublished(gateway, 'work');
    // Each byte is a system call of the server's, and a turn of the gateway's.
    const bytes = drill(PIECES / 8, PIECES / 4);
    const call = async () => expect(await callTool(gateway, 'big', { bytes })).toMatchObject({ status: 200, body: X.slice(0, bytes) });
    await measured(gateway, call, MOST_MB / 2);
  }, 60_000);
});

/** On a stream that is open: `node:http` makes a chunk of each write. */
async function pour(stream: ServerResponse, head: string, tail: string): Promise<void> {
  stream.write(head);
  const { socket } = stream;
  if (!socket) return;
  const many = Buffer.from('1\r\nx\r\n'.repeat(AT_ONCE));
  for (let sent = 0; sent < PIECES && !socket.destroyed; sent += AT_ONCE) if (!socket.write(many)) await drained(socket);
  stream.write(tail);
}
