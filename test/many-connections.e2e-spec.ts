import net from 'node:net';
import { closesAfterEach } from './support/ends.ts';
import { get, post } from './support/exchange.ts';
import { allListed } from './support/listed.ts';
import { drill } from './support/long-drills.ts';
import { peakMb } from './support/process/peak-memory.ts';
import { startGateway } from './support/processes.ts';
import { until } from './support/until.ts';

const CONNECTIONS = drill(2_000, 10_000);
/** At once: the queue of those that the kernel has taken, and the gateway not yet, is short. */
const AT_ONCE = 200;
/** A tenfold allowance for ten seconds. */
const RECOVERED_MS = 100_000;

describe('[P1][P5] connections that say nothing', () => {
  const closing = closesAfterEach();

  it(`${CONNECTIONS} of them cost little memory, hold up nobody, and leave nothing behind`, async () => {
    const gateway = closing(await startGateway());
    await allListed(gateway.url);
    const open = async () => Number(/^mcpo_http_connections (\d+)$/m.exec((await get(gateway.url, '/metrics')).text)?.[1]);
    const { port } = new URL(gateway.url);
    const sockets: net.Socket[] = [];
    closing({ close: () => Promise.resolve(sockets.forEach((socket) => socket.destroy())) });
    while (sockets.length < CONNECTIONS) {
      const some = Array.from({ length: AT_ONCE }, () => net.connect(Number(port), '127.0.0.1').on('error', () => undefined));
      sockets.push(...some);
      await Promise.all(some.map((socket) => new Promise<void>((resolve) => socket.once('connect', () => resolve()))));
    }
    await until('they are taken', async () => (await open()) >= CONNECTIONS);
    for (const where of ['/health', '/health/live', '/ready']) expect((await get(gateway.url, where)).status).toBe(200);
    expect((await post(gateway.url, '/v1/tools/list_plans', {})).status).toBe(200);
    expect(peakMb(gateway.pid)).toBeLessThan(512);
    sockets.forEach((socket) => socket.destroy());
    await until('they are gone', async () => (await open()) === 1, RECOVERED_MS);
    expect((await post(gateway.url, '/v1/tools/list_plans', {})).status).toBe(200);
    expect(await gateway.stop()).toBe(0);
  }, 200_000);
});
