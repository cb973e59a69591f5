import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { closesAfterEach } from './support/ends.ts';
import { drill } from './support/long-drills.ts';
import { answerInBytes, sendInBytes } from './support/one-byte-chunks.ts';
import { addedMb } from './support/process/peak-memory.ts';
import { ROOT, type RunningProcess, startGateway } from './support/processes.ts';
import { type Exchange, RawMcpServer, smallOr, textResult, toolOf } from './support/raw-mcp-server.ts';
import { RawSseServer } from './support/raw-sse-server.ts';
import { callTool, untilPublished } from './support/tool-requests.ts';

const PIECES = 2_000_000;
const X = 'x'.repeat(PIECES);
const STDIO_SERVER = path.join(ROOT, 'test/support/servers/raw-stdio.mjs');
/** They cost 9 to 52, much of it the young generation, which objects of the HTTP parser fill; 96 and more where an event is kept piece by piece. */
const MOST_MB = 80;

describe('[AC3][P5] a server that sends two million bytes one by one', () => {
  const closing = closesAfterEach();

  const measured = async (gateway: RunningProcess, work: () => Promise<void>, mostMb = MOST_MB) => {
    await callTool(gateway, 'work', { small: true });
    expect(await addedMb(gateway.pid, work)).toBeLessThan(mostMb);
  };

  const answersCalls = async (answer: (exchange: Exchange) => Promise<void>) => {
    const server = closing(await RawMcpServer.start({ on: { 'tools/call': smallOr(answer) } }));
    const gateway = closing(await startGateway({ env: { MCP_SERVER_URL: server.url } }));
    await untilPublished(gateway, 'work');
    await measured(gateway, async () => expect(await callTool(gateway, 'work')).toMatchObject({ status: 200, body: X }));
  };

  it(
    'as JSON, in its answer to a call, costs little memory',
    () => answersCalls((exchange) => answerInBytes(exchange.response, 'application/json', JSON.stringify(exchange.answer(textResult(X))))),
    60_000,
  );

  it(
    'as an event, in its answer to a call, costs little memory',
    () =>
      answersCalls((exchange) =>
        answerInBytes(exchange.response, 'text/event-stream', `data: ${JSON.stringify(exchange.answer(textResult(X)))}\n\n`),
      ),
    60_000,
  );

  it('in a list costs little memory', async () => {
    let isLarge = false;
    const on = {
      'tools/list': (exchange: Exchange) => {
        if (!isLarge) return exchange.result({ tools: [toolOf('work')] });
        const list = exchange.answer({ tools: [toolOf('late')], _meta: { x: X } });
        return answerInBytes(exchange.response, 'application/json', JSON.stringify(list));
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
            const isSmall = message.params?.arguments?.['small'] === true;
            const answer = { jsonrpc: '2.0', id: message.id, result: textResult(isSmall ? 'small' : X) };
            if (isSmall) return answer;
            void sendInBytes(stream as ServerResponse, `data: ${JSON.stringify(answer)}\n\n`);
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
