import { ServerChecks } from '../src/health/server-checks.service.js';
import { closesAfterEach } from './support/ends.ts';
import { get, ID } from './support/exchange.ts';
import { freePort } from './support/network/free-port.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { RawMcpServer } from './support/raw-mcp-server.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const HEADERS = { 'x-correlation-id': ID, 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
const GATEWAY = { gateway: { status: 'up' } };

async function readyOf({ url }: GatewayHere) {
  const { status, headers, text } = await get(url, '/ready');
  return { status, headers, body: JSON.parse(text) as unknown };
}

function ready(tools: Readonly<Record<string, unknown>>) {
  const details = { ...GATEWAY, tools: { ...tools, status: 'up' } };
  return { status: 200, headers: HEADERS, body: { status: 'ok', info: details, error: {}, details } };
}

function notReady(tools: Readonly<Record<string, unknown>>) {
  const error = { tools: { ...tools, status: 'down' } };
  return { status: 503, headers: HEADERS, body: { status: 'error', info: GATEWAY, error, details: { ...GATEWAY, ...error } } };
}

const isReady = async (gateway: GatewayHere) => (await readyOf(gateway)).status === 200;
const nowhere = async (name: string) => httpUpstream(`http://127.0.0.1:${await freePort()}/mcp`, { name });

describe('/ready', () => {
  it('[EP5][P4] waits until discovery has been tried, and then takes what there is', async () => {
    let answerHandshake: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answerHandshake = resolve));
    const server = closing(
      await RawMcpServer.start({
        guard: async () => {
          await held;
          return true;
        },
      }),
    );
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    expect(await readyOf(gateway)).toEqual(notReady({ revision: 1, tools: 0, unlisted: ['default'] }));
    answerHandshake();
    await until('it is ready', () => isReady(gateway));
    expect(await readyOf(gateway)).toEqual(ready({ revision: 2, tools: 1, unlisted: [] }));
  });

  it('[EP5][P4] waits no longer than half a minute for a server that hangs from the start', async () => {
    const server = closing(await RawMcpServer.start({ guard: () => false }));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    expect(await isReady(gateway)).toBe(false);
    const later = performance.now() + 31_000;
    const clock = jest.spyOn(performance, 'now').mockReturnValue(later);
    const hasWaited = await readyOf(gateway);
    clock.mockRestore();
    expect(hasWaited).toEqual(ready({ revision: 1, tools: 0, unlisted: ['default'] }));
    // Once it is, it stays so.
    expect(await isReady(gateway)).toBe(true);
  });

  it('[EP5][E8] is ready with no server at all', async () => {
    const gateway = closing(await startGatewayHere({}, []));
    expect(await readyOf(gateway)).toEqual(ready({ revision: 1, tools: 0, unlisted: [] }));
  });

  it('[EP5][P4] by the policy all waits for the list of every server, and does not mind when one dies later', async () => {
    const [one, port] = [closing(await RawMcpServer.start()), await freePort()];
    const upstreams = [httpUpstream(one.url, { name: 'one' }), httpUpstream(`http://127.0.0.1:${port}/mcp`, { name: 'two' })];
    const gateway = closing(await startGatewayHere({ READY_POLICY: 'all' }, upstreams));
    await until('one is listed', async () => JSON.stringify(await readyOf(gateway)).includes('"unlisted":["two"]'));
    expect(await readyOf(gateway)).toEqual(notReady({ revision: 2, tools: 1, unlisted: ['two'], waiting_for: ['two'] }));
    const two = await RawMcpServer.start({ port });
    await until('it is ready', () => isReady(gateway));
    await two.stop();
    await until('the loss is seen', async () => (await get(gateway.url, '/health/mcp')).text.includes('"status":"down"'));
    expect(await isReady(gateway)).toBe(true);
  });

  it('[EP5][P4] by names waits for these servers to be up, now and later, and for no other', async () => {
    const needed = await RawMcpServer.start();
    const upstreams = [await nowhere('other'), httpUpstream(needed.url, { name: 'needed' })];
    const gateway = closing(await startGatewayHere({}, upstreams, { readyPolicy: ['needed'] }));
    await until('it is ready', () => isReady(gateway));
    await needed.stop();
    await until('the loss is seen', async () => {
      await gateway.app.get(ServerChecks, { strict: false }).run(1_000);
      return !(await isReady(gateway));
    });
    expect(await readyOf(gateway)).toEqual(notReady({ revision: 2, tools: 1, unlisted: ['other'], waiting_for: ['needed'] }));
    closing(await RawMcpServer.start({ port: needed.port }));
    await until('it is ready again', () => isReady(gateway));
  });
});
