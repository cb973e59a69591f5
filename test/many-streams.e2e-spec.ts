import { setTimeout as sleep } from 'node:timers/promises';
import { closesAfterEach } from './support/ends.js';
import { EventCall } from './support/clients/event-call.js';
import { get, post } from './support/exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { allListed } from './support/listed.js';
import { drill } from './support/long-drills.js';
import { type Exchange, RawMcpServer, toolOf } from './support/raw-mcp-server.js';

import { until } from './support/until.js';

const STREAMS = 60;
/** Connections for calls of one client to one server. */
const AT_ONCE = 42;
const STREAM_MS = drill(1_000, 20_000);
const PROGRESS_MS = STREAM_MS / 10;
const WITHIN_MS = 60_000;

describe('[P6][AC4] more streams than there are connections to a server', () => {
  const closing = closesAfterEach();
  let held: Exchange[];
  let busy: RawMcpServer;
  let gateway: GatewayHere;

  const serve = async (does: (exchange: Exchange) => unknown) => {
    held = [];
    const on = { 'tools/call': (exchange: Exchange) => void (held.push(exchange), does(exchange)) };
    busy = closing(await RawMcpServer.start({ tools: [toolOf('work')], on }));
    const other = closing(await RawMcpServer.start({ tools: [toolOf('work')] }));
    const upstreams = [httpUpstream(busy.url, { name: 'busy' }), httpUpstream(other.url, { name: 'other' })];
    gateway = closing(await startGatewayHere({}, upstreams, { naming: 'prefixed' }));
    await allListed(gateway.url);
    await until('the standing streams', () => busy.openStreams.size === 2);
  };
  const begin = (count: number) => {
    const calls = Array.from({ length: count }, () => new EventCall(gateway.url, '/v1/tools/busy_work'));
    closing({ close: () => Promise.resolve(calls.forEach((call) => call.leave())) });
    return calls;
  };

  it(
    `${STREAMS} of them of ${STREAM_MS} ms: those beyond wait for their turn and are kept alive, and calls to other servers do not`,
    async () => {
      await serve(async (exchange) => {
        exchange.stream();
        for (let progress = 1; progress <= 10; progress += 1) {
          exchange.event(exchange.progress(progress));
          await sleep(PROGRESS_MS);
        }
        exchange.event(exchange.answer());
      });
      const calls = begin(STREAMS);
      await until('as many as there are connections', () => held.length === AT_ONCE);
      const waiting = calls.filter(({ status }) => status === undefined).length;
      expect((await post(gateway.url, '/v1/tools/other_work', {})).status).toBe(200);
      expect(waiting).toBeGreaterThanOrEqual(STREAMS - AT_ONCE);
      await Promise.all(calls.map(({ ended }) => ended));
      for (const { told } of calls) {
        const progress = Array.from({ length: 10 }, (_, at) => ({ progress: { progress: at + 1 } }));
        expect(told).toEqual([...progress, { result: { status: 200, result: 'done' } }]);
      }
      expect(held).toHaveLength(STREAMS);
      expect(calls.filter(({ comments }) => comments > 0).length).toBeGreaterThanOrEqual(drill(0, STREAMS - AT_ONCE));
      expect(busy.peakSockets).toBeLessThanOrEqual(50);
    },
    3 * WITHIN_MS,
  );

  it('keep nobody from being cancelled, lists from being read, nor the server from being asked whether it is there', async () => {
    await serve((exchange) => exchange.stream(exchange.progress(1)));
    const calls = begin(STREAMS);
    await until('as many as there are connections', () => held.length === AT_ONCE);
    await until('all are told so', () => calls.filter(({ events }) => events.length > 0).length === AT_ONCE);
    const [first] = calls.filter(({ events }) => events.length > 0);
    first?.leave();
    await until('its server is told', () => busy.received('notifications/cancelled').length === 1, 5_000);
    busy.tools = [toolOf('work'), toolOf('more')];
    busy.notify('notifications/tools/list_changed');
    await until('the new tool', async () => (await get(gateway.url, '/openapi.json')).text.includes('/busy_more"'));
    const pings = busy.received('ping').length;
    await until('it has answered a ping', () => busy.received('ping').length > pings);
    expect(held).toHaveLength(AT_ONCE + 1);
    expect(busy.peakSockets).toBeLessThanOrEqual(50);
  });
});
