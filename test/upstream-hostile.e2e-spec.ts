import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { type RunningProcess, startGateway, startPlanner } from './support/processes.js';
import { type Exchange, RawMcpServer } from './support/raw-mcp-server.js';
import { callTool, errorOf, untilPublished } from './support/tool-requests.js';

const MEBIBYTE = 1024 * 1024;

describe('[AC3][P5] an upstream with a huge answer', () => {
  const closing = closesAfterEach();
  const CALLS = 6;
  const SIZE = 150 * MEBIBYTE;

  /** Of a gateway with a process of its own, at the moment. */
  const rssOf = ({ pid }: RunningProcess) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

  /** Writes as fast as it is read, until it is enough or nobody reads any more. */
  const pour = (exchange: Exchange, head: string, contentType: string) => {
    const { response } = exchange;
    response.writeHead(200, { 'content-type': contentType }).write(head);
    const chunk = Buffer.alloc(MEBIBYTE / 4, 'x');
    let left = SIZE;
    const more = () => {
      while (!response.destroyed && left > 0) {
        left -= chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      if (!response.destroyed) response.end();
    };
    more();
  };

  const head = ({ message }: Exchange) =>
    `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":{"content":[{"type":"text","text":"`;
  /** 1 MB of gzip for 1 GB of zeros. */
  const bomb = () => Buffer.concat(Array(16).fill(gzipSync(Buffer.alloc(64 * MEBIBYTE))) as Buffer[]);

  it.each<[string, (exchange: Exchange) => unknown, string]>([
    ['as JSON', (exchange) => pour(exchange, head(exchange), 'application/json'), `The answer is larger than ${10 * MEBIBYTE} bytes.`],
    [
      'as one event',
      (exchange) => pour(exchange, `data: ${head(exchange)}`, 'text/event-stream'),
      `The answer is larger than ${10 * MEBIBYTE} bytes.`,
    ],
    [
      'packed by gzip',
      ({ response }) => response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb()),
      'The MCP server sent an answer that is not the JSON-RPC response to the call: it is compressed (gzip), though it was not asked to.',
    ],
  ])(
    '%s costs the gateway little memory',
    async (_, call, message) => {
      const server = closing(await RawMcpServer.start({ on: { 'tools/call': call } }));
      const gateway = closing(await startGateway({ env: { MCP_SERVER_URL: server.url } }));
      await untilPublished(gateway, 'work');
      const before = rssOf(gateway);
      let peak = 0;
      const watching = setInterval(() => (peak = Math.max(peak, rssOf(gateway))), 20);
      const answers = await Promise.all(Array.from({ length: CALLS }, () => callTool(gateway, 'work')));
      clearInterval(watching);
      const body = errorOf({ type: 'upstream_error', message, details: { server: 'default', outcome: 'unknown' } });
      expect(answers.map((answer) => [answer.status, answer.body])).toEqual(Array(CALLS).fill([502, body]));
      expect(Math.max(peak, rssOf(gateway)) - before).toBeLessThan(400 * MEBIBYTE);
    },
    60_000,
  );
});

describe('[AC3] an upstream that answers twice', () => {
  const closing = closesAfterEach();

  it('is believed the first time, and the next call gets its own answer', async () => {
    let calls = 0;
    const server = closing(
      await RawMcpServer.start({
        on: {
          'tools/call': (exchange) => {
            const text = (words: string) => exchange.answer({ content: [{ type: 'text', text: words }] });
            exchange.stream(text(`first of ${++calls}`), text(`second of ${calls}`));
            exchange.response.end();
          },
        },
      }),
    );
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
    for (const call of [1, 2, 3]) await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: `first of ${call}` });
  });
});

describe('[E2][P4] an upstream that hangs as a whole (SIGSTOP)', () => {
  const closing = closesAfterEach();

  it('is 504 at the deadline, again and again, without harm to another; and is itself again when it goes on', async () => {
    const hung = closing(await startPlanner());
    const other = closing(await RawMcpServer.start());
    const upstreams = [
      httpUpstream(`${hung.url}/mcp`, { name: 'hung', requestTimeoutMs: 2_000 }),
      httpUpstream(other.url, { name: 'other' }),
    ];
    const gateway = closing(await startGatewayHere({}, upstreams));
    await untilPublished(gateway, 'list_plans');
    await untilPublished(gateway, 'work');
    process.kill(hung.pid, 'SIGSTOP');
    try {
      const stuck = Promise.all([1, 2, 3].map(() => callTool(gateway, 'list_plans')));
      const answers = await Promise.all(Array.from({ length: 20 }, () => callTool(gateway, 'work')));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      for (const { status, body } of await stuck) {
        expect(status).toBe(504);
        expect(body).toMatchObject({ error: { type: 'upstream_timeout', details: { limit: 'REQUEST_TIMEOUT', outcome: 'unknown' } } });
      }
    } finally {
      process.kill(hung.pid, 'SIGCONT');
    }
    await expect(callTool(gateway, 'list_plans')).resolves.toMatchObject({ status: 200 });
  });
});
