import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pour } from './support/network/pour.ts';
import { closesAfterEach } from './support/ends.ts';
import { type GatewayHere, httpUpstream, startGatewayHere, stdioUpstream } from './support/gateway.ts';
import { LongestTurn } from './support/process/longest-turn.ts';
import { ROOT } from './support/processes.ts';
import { type Exchange, RawMcpServer } from './support/raw-mcp-server.ts';
import { answerTo, RawSseServer } from './support/raw-sse-server.ts';
import { callTool, errorOf, untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';
import { McpClient } from '../src/mcp-client/mcp-client.service.ts';

const STDIO_SERVER = path.join(ROOT, 'test/support/servers/raw-stdio.mjs');
const NOTE = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}';
const CHANGED = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';
const PING = '{"jsonrpc":"2.0","id":"p","method":"ping"}';
/** So long after a flood everything that it set off is done. */
const SETTLED_MS = 1_000;
/** Slices are of a few milliseconds; whoever instruments the code makes them longer. */
const LONGEST_TURN_MS = 100;
const FLOODED = 'The MCP server floods the connection: more than 100000 messages within 10 s that answer nothing.';

const event = (message: string) => `data: ${message}\n\n`;

describe('[P4][AC3] many small messages of a server', () => {
  const closing = closesAfterEach();

  const lastError = ({ app }: GatewayHere) => app.get(McpClient).upstreams[0]?.status().lastError;

  describe('within the stream of a call', () => {
    const serve = async (flood: (exchange: Exchange) => Promise<void>) => {
      const server = closing(await RawMcpServer.start({ on: { 'tools/call': flood } }));
      const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
      await untilPublished(gateway, 'work');
      return { server, gateway };
    };
    const flood = (message: string, times: number) => async (exchange: Exchange) => {
      exchange.stream();
      await pour(exchange.response, event(message), times);
      exchange.event(exchange.answer());
      exchange.response.end();
    };

    it('leave others their turn', async () => {
      const { gateway } = await serve(flood(PING, 50_000));
      const turns = new LongestTurn();
      expect(await callTool(gateway, 'work')).toMatchObject({ status: 200, body: 'done' });
      expect(turns.stop()).toBeLessThan(LONGEST_TURN_MS);
    }, 30_000);

    it('that go on and on end it, with the reason', async () => {
      const { gateway } = await serve(flood(NOTE, 110_000));
      expect(await callTool(gateway, 'work')).toMatchObject({
        status: 502,
        body: errorOf({ type: 'upstream_error', message: FLOODED, details: { server: 'default', outcome: 'unknown' } }),
      });
    }, 30_000);

    it('that ask for something are answered a few at a time', async () => {
      const { server, gateway } = await serve(flood(PING, 5_000));
      server.on['response'] = () => undefined;
      expect(await callTool(gateway, 'work')).toMatchObject({ status: 200, body: 'done' });
      await until('the first is answered', () => server.received('response').length > 0);
      await sleep(SETTLED_MS);
      expect(server.received('response').length).toBeLessThanOrEqual(16);
    });
  });

  describe('on the standing stream', () => {
    it('that ask for something are answered a few at a time, and again when those are taken', async () => {
      const server = closing(await RawMcpServer.start());
      const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
      await untilPublished(gateway, 'work');
      let isTaking = false;
      const waiting: Exchange[] = [];
      server.on['response'] = (exchange) => (isTaking ? exchange.send(202) : waiting.push(exchange));
      await until('it listens', () => server.openStreams.size === 2);
      const [stream] = [...server.openStreams] as [ServerResponse];
      await pour(stream, event(PING), 5_000);
      expect(await callTool(gateway, 'work')).toMatchObject({ status: 200, body: 'done' });
      await sleep(SETTLED_MS);
      expect(waiting.length).toBeLessThanOrEqual(16);
      isTaking = true;
      for (const exchange of waiting) exchange.send(202);
      const before = server.received('response').length;
      await until('it is answered again', () => {
        stream.write(event(PING));
        return server.received('response').length > before;
      });
      const [answer] = server.received('response') as [Exchange];
      expect(answer.text).toBe('{"jsonrpc":"2.0","id":"p","result":{}}');
    });

    it('that go on and on end the connection, with the reason', async () => {
      const server = closing(await RawMcpServer.start());
      const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
      await untilPublished(gateway, 'work');
      await until('it listens', () => server.openStreams.size === 2);
      const [stream] = [...server.openStreams] as [ServerResponse];
      await pour(stream, event(NOTE), 110_000);
      await until('it is told', () => lastError(gateway) === FLOODED);
      await until('it is used again', async () => (await callTool(gateway, 'work')).status === 200);
    }, 30_000);

    it.each([': x\n', 'event: ping\ndata: {}\n\n', 'data: x\n\n', 'data:\n\n', 'data: [1]\n\n'])(
      'that are none go on and on end the connection, too: %j',
      async (text) => {
        const server = closing(await RawMcpServer.start());
        const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
        await untilPublished(gateway, 'work');
        await until('it listens', () => server.openStreams.size === 2);
        const [stream] = [...server.openStreams] as [ServerResponse];
        await pour(stream, text, 110_000);
        await until('it is told', () => lastError(gateway) === FLOODED);
      },
      30_000,
    );

    it('that say that tools changed are one', async () => {
      const server = closing(await RawMcpServer.start());
      const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
      await untilPublished(gateway, 'work');
      await until('it listens', () => server.openStreams.size === 2);
      const [stream] = [...server.openStreams] as [ServerResponse];
      const lists = () => server.received('tools/list').length;
      const before = lists();
      // While they come, too, and not only once they have ended.
      const flood = setInterval(() => stream.write(event(CHANGED).repeat(10)), 1);
      await until('it is listed meanwhile', () => lists() > before).finally(() => clearInterval(flood));
    });
  });

  describe('over SSE', () => {
    it('that ask for something are answered a few at a time', async () => {
      const server = closing(
        await RawSseServer.start({
          on: {
            'tools/call': (posted) => {
              const stream = posted.stream as ServerResponse;
              void pour(stream, `event: message\n${event(PING)}`, 5_000).then(() => stream.write(event(JSON.stringify(answerTo(posted)))));
              return undefined;
            },
          },
        }),
      );
      const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
      await untilPublished(gateway, 'work');
      expect(await callTool(gateway, 'work')).toMatchObject({ status: 200, body: 'done' });
      const answers = () => server.posted.filter(({ message }) => message.method === undefined).length;
      await until('the first is answered', () => answers() > 0);
      await sleep(SETTLED_MS);
      expect(answers()).toBeLessThan(2_500);
    });
  });

  describe('over stdio', () => {
    const serve = async (quirks: object) => {
      const other = closing(await RawMcpServer.start());
      const upstreams = [stdioUpstream(STDIO_SERVER, [JSON.stringify(quirks)]), httpUpstream(other.url, { name: 'other' })];
      const gateway = closing(await startGatewayHere({}, upstreams, { naming: 'prefixed' }));
      await untilPublished(gateway, 'default_work');
      await untilPublished(gateway, 'other_work');
      return gateway;
    };

    it('leave others their turn', async () => {
      const gateway = await serve({ flood: { text: PING, lines: 50_000 } });
      const turns = new LongestTurn();
      expect(await callTool(gateway, 'default_flood')).toMatchObject({ status: 200 });
      expect(turns.stop()).toBeLessThan(LONGEST_TURN_MS);
    }, 30_000);

    it('that go on and on end the connection, with the reason', async () => {
      const gateway = await serve({ flood: { text: NOTE, lines: 110_000 } });
      expect(await callTool(gateway, 'default_flood')).toMatchObject({ status: 502 });
      await until('it is told', () => lastError(gateway) === FLOODED);
    }, 30_000);

    it.each(['', 'not json', '7', '[]', '{"jsonrpc":"2.0","method":"notifications/own"}', '{"jsonrpc":"2.0","id":"x","result":{}}'])(
      'that are none, or of no use, go on and on end the connection, too: %j',
      async (text) => {
        const gateway = await serve({ flood: { text, lines: 110_000 } });
        const turns = new LongestTurn();
        expect(await callTool(gateway, 'default_flood')).toMatchObject({ status: 502 });
        expect(turns.stop()).toBeLessThan(LONGEST_TURN_MS);
        await until('it is told', () => lastError(gateway) === FLOODED);
      },
      30_000,
    );

    it('a line of six million brackets costs nobody a turn', async () => {
      const gateway = await serve({ flood: { text: '[', times: 6_000_000, lines: 1 } });
      const turns = new LongestTurn();
      expect(await callTool(gateway, 'default_flood')).toMatchObject({ status: 200 });
      expect(turns.stop()).toBeLessThan(LONGEST_TURN_MS);
    }, 30_000);
  });
});
