import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { AMPLE_LIMITS } from './support/ample-limits.ts';
import { GATEWAY, GATEWAY_NODE_ARGS } from './support/built.ts';
import { get, request } from './support/exchange.ts';
import { freePort } from './support/network/free-port.ts';
import { peakMb } from './support/process/peak-memory.ts';
import { ROOT } from './support/processes.ts';
import { until } from './support/until.ts';

const REQUESTS = 3_500;
const TOGETHER = 50;

/** Asks for what is not there, many times on one connection, without waiting for each: a client that waits costs more than the gateway. */
async function askTogether(url: string, path_: string, times: number): Promise<void> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1');
  const heads = `GET ${path_} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`.repeat(TOGETHER);
  let [asked, text] = [TOGETHER, ''];
  socket.write(heads);
  for await (const piece of socket) {
    text += piece as string;
    const statuses = text.match(/HTTP\/1\.1 \d{3} /g) ?? [];
    if (statuses.length < TOGETHER) continue;
    expect(statuses).toEqual(Array(TOGETHER).fill('HTTP/1.1 404 '));
    if (asked >= times) break;
    [asked, text] = [asked + TOGETHER, ''];
    socket.write(heads);
  }
  expect(asked).toBe(times);
}

describe('[AC6][P4] a log that cannot be written', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  /** The gateway with that file descriptor as its stdout, once it answers. */
  const start = async (stdout: number | 'pipe'): Promise<{ child: ChildProcess; url: string; stderr: string[] }> => {
    const port = await freePort();
    const { PATH, HOME } = process.env as Record<string, string>;
    const child = spawn(process.execPath, [...GATEWAY_NODE_ARGS, path.resolve(ROOT, GATEWAY)], {
      env: { PATH, HOME, PORT: `${port}`, ...AMPLE_LIMITS },
      stdio: ['ignore', stdout, 'pipe'],
    });
    ends.push(() => child.kill('SIGKILL'));
    const stderr: string[] = [];
    (child.stderr as NodeJS.ReadableStream).on('data', (text: Buffer) => stderr.push(text.toString()));
    const url = `http://127.0.0.1:${port}`;
    await until('it answers', () => isAlive(url));
    return { child, url, stderr };
  };
  const isAlive = (url: string) =>
    request(url, '/health/live', { signal: AbortSignal.timeout(1_000) }).then(
      ({ status }) => status === 200,
      () => false,
    );
  const stop = async (child: ChildProcess): Promise<unknown> => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const slow = setTimeout(() => child.kill('SIGKILL'), 20_000);
    const [code, signal] = (await ended) as [number | null, string | null];
    clearTimeout(slow);
    return code ?? signal;
  };

  it('for its disk is full keeps nobody from being served, and SIGTERM ends the gateway', async () => {
    const full = openSync('/dev/full', 'w');
    ends.push(() => closeSync(full));
    const { child, url } = await start(full);
    for (let call = 0; call < 50; call += 1) expect((await get(url, '/openapi.json')).status).toBe(200);
    expect(await stop(child)).toBe(0);
  }, 60_000);

  it('for nobody reads it any more keeps nobody from being served', async () => {
    const { child, url } = await start('pipe');
    child.stdout?.destroy();
    for (let call = 0; call < 50; call += 1) expect((await get(url, '/openapi.json')).status).toBe(200);
    expect(await stop(child)).toBe(0);
  }, 60_000);

  it('for its reader stands still keeps nobody from being served and costs little memory; when it reads again it is told how many lines were lost', async () => {
    const { child, url } = await start('pipe');
    const peak = () => peakMb(child.pid as number);
    const stdout = child.stdout as NodeJS.ReadableStream;
    const long = `/${'x'.repeat(14_000)}`;
    // By then the heap has the size that so many requests need.
    let text = '';
    stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await askTogether(url, `/${'y'.repeat(14_000)}`, REQUESTS);
    stdout.pause();
    const before = peak();
    await askTogether(url, long, REQUESTS);
    expect(peak() - before).toBeLessThan(35);
    stdout.resume();
    await until('it is told', () => text.includes('"msg":"lines of the log were lost"'));
    await get(url, '/the/last');
    expect(await stop(child)).toBe(0);
    const lines = text.trimEnd().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as { msg: string; level?: string; lines?: number; path?: string });
    const [told, ...others] = entries.filter(({ msg }) => msg === 'lines of the log were lost');
    expect([told?.level, others]).toEqual(['warn', []]);
    expect(entries.filter(({ path: at }) => at === long).length + (told?.lines ?? 0)).toBe(REQUESTS);
    expect(entries.slice(-3)).toMatchObject([{ path: '/the/last' }, { msg: 'stopping' }, { msg: 'stopped' }]);
  }, 60_000);

  it('for its reader stands still lets SIGTERM end the gateway', async () => {
    const { child, url } = await start('pipe');
    for (let call = 0; call < 100; call += 1) expect((await get(url, `/${'x'.repeat(8_000)}`)).status).toBe(404);
    expect(await stop(child)).toBe(0);
  }, 60_000);
});
