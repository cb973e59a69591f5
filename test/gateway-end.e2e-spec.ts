import net from 'node:net';
import path from 'node:path';
import { closesAfterEach } from './support/ends.ts';
import { EventCall } from './support/clients/event-call.ts';
import { type Exchange as Answer, get, post } from './support/exchange.ts';
import { allListed } from './support/listed.ts';
import { ROOT, type RunningProcess, startGateway, type StartOptions } from './support/processes.ts';
import { type Exchange, RawMcpServer, type RawServerOptions } from './support/raw-mcp-server.ts';
import { SocketClient } from './support/clients/socket-client.ts';
import { until } from './support/until.ts';

const TOOL = '/v1/tools/work';
/** Runs before the gateway, and has it fail when told to. */
const PRELOAD = ['--import', path.join(ROOT, 'test/support/process/on-sigusr2.mjs')];
/** Has what the gateway's modules close last never tell that it is closed. */
const NEVER_CLOSED = 'import http from "node:http"; http.Server.prototype.close = function () { return this; };';
/** A tenfold allowance for two seconds. */
const SOON_MS = 20_000;

describe('[P4] the end of the gateway', () => {
  const closing = closesAfterEach();
  /** The calls that the server has and does not answer. */
  let held: Exchange[];
  let executions: number;
  let gateway: RunningProcess;

  const start = async (options: StartOptions = {}, more: RawServerOptions['on'] = {}) => {
    held = [];
    executions = 0;
    const on: RawServerOptions['on'] = {
      'tools/call': (exchange) => {
        executions += 1;
        held.push(exchange);
      },
      ...more,
    };
    const server = closing(await RawMcpServer.start({ on }));
    gateway = await startGateway({ ...options, env: { MCP_SERVER_URL: server.url, ...options.env } });
    closing({ stop: () => gateway.stop('SIGKILL') });
    await allListed(gateway.url);
  };
  const hold = async (calls: number): Promise<Promise<Answer | Error>[]> => {
    const answers = Array.from({ length: calls }, (_, index) =>
      post(gateway.url, TOOL, {}, { 'x-correlation-id': `call-${index}` }).catch((error: Error) => error),
    );
    await until('the server has the calls', () => held.length === calls);
    return answers;
  };
  const linesOf = (msg: string) =>
    gateway.stdout.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line['msg'] === msg);
  const logged = (msg: string) => until(`the log says: ${msg}`, () => linesOf(msg)[0]);
  const statuses = async (answers: readonly Promise<Answer | Error>[]) =>
    (await Promise.all(answers)).map((answer) => (answer instanceof Error ? answer.message : answer.status));

  it.each(['SIGTERM', 'SIGINT'] as const)('by %s waits for 40 calls, whose answers all arrive, each made once', async (signal) => {
    await start();
    const answers = await hold(40);
    const exited = gateway.stop(signal);
    await expect(logged('stopping')).resolves.toMatchObject({ signal, calls_in_flight: 40 });
    for (const exchange of held) exchange.result();
    const answeredAt = performance.now();
    expect(await exited).toBe(0);
    expect(performance.now() - answeredAt).toBeLessThan(SOON_MS);
    expect(await statuses(answers)).toEqual(Array.from({ length: 40 }, () => 200));
    expect(executions).toBe(40);
    expect(linesOf('stopped')).toHaveLength(1);
  });

  it('by SIGTERM waits for calls that are answered in events, and for those of sockets, which are told; nothing is dropped', async () => {
    await start();
    const streams = Array.from({ length: 50 }, () => new EventCall(gateway.url, TOOL));
    const sockets = await Promise.all(Array.from({ length: 50 }, () => SocketClient.open(gateway.url)));
    for (const socket of sockets) socket.call('call', 'work');
    // There are 42 connections to a server for calls of one client: so many calls wait for one.
    await until('all are in flight', async () => (await get(gateway.url, '/metrics')).text.includes('\nmcpo_calls_in_flight 100\n'));
    await until('the server has its share', () => held.length === 42);
    const exited = gateway.stop();
    await expect(logged('stopping')).resolves.toMatchObject({ calls_in_flight: 100 });
    const answering = setInterval(() => held.splice(0).forEach((exchange) => exchange.result()), 20);
    closing({ close: () => Promise.resolve(clearInterval(answering)) });
    const answeredAt = performance.now();
    for (const socket of sockets) {
      expect(await socket.end('call')).toMatchObject({ type: 'tool_result' });
      expect(await socket.closed).toEqual({ code: 1001, reason: 'the gateway is stopping' });
    }
    for (const stream of await Promise.all(streams.map(({ ended }) => ended)))
      expect([stream.status, stream.events.at(-1)?.name]).toEqual([200, 'result']);
    expect(await exited).toBe(0);
    expect(performance.now() - answeredAt).toBeLessThan(SOON_MS);
    expect(executions).toBe(100);
  });

  it('tells whoever asks meanwhile that the connection ends', async () => {
    await start();
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
    closing({ close: () => Promise.resolve(socket.destroy()) });
    socket.write('GET /ready HTTP/1.1\r\nHost: localhost\r\n');
    const answers = await hold(1);
    const exited = gateway.stop();
    await logged('stopping');
    let received = '';
    socket.setEncoding('latin1').on('data', (text: string) => (received += text));
    socket.write('\r\n');
    await until('it is answered', () => received.includes('"stopping"'));
    expect(received).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n[^]*\r\nConnection: close\r\n/);
    held[0]?.result();
    expect(await statuses(answers)).toEqual([200]);
    expect(await exited).toBe(0);
  });

  it('does not wait for what never lets go', async () => {
    await start({ nodeArgs: ['--import', `data:text/javascript,${NEVER_CLOSED}`] });
    const exited = gateway.stop();
    await until('the end', () => linesOf('stopped').length === 1, SOON_MS);
    expect(linesOf('something did not let go, and is left')).toMatchObject([{ level: 'warn' }]);
    expect(await exited).toBe(0);
  });

  it('waits for calls no longer than DRAIN_TIMEOUT', async () => {
    await start({ env: { DRAIN_TIMEOUT: '1' } });
    const answers = await hold(2);
    expect(await gateway.stop()).toBe(0);
    expect(linesOf('calls are cut: DRAIN_TIMEOUT is over')).toMatchObject([{ level: 'warn', calls_in_flight: 2 }]);
    expect(await statuses(answers)).toEqual(['socket hang up', 'socket hang up']);
  });

  it('does not wait, when the last call is over, for a request that never comes whole', async () => {
    await start();
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
    closing({ close: () => Promise.resolve(socket.destroy()) });
    socket.write(`POST ${TOOL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{`);
    const answers = await hold(1);
    const exited = gateway.stop();
    await logged('stopping');
    held[0]?.result();
    expect(await statuses(answers)).toEqual([200]);
    expect(await exited).toBe(0);
  });

  it('does not wait for a caller who calls again and again on one connection', async () => {
    await start({}, { 'tools/call': (exchange) => setTimeout(() => exchange.result(), 300) });
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
    closing({ close: () => Promise.resolve(socket.destroy()) });
    const [line, rest] = [`POST ${TOOL} HTTP/1.1\r\n`, 'Host: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'];
    let answered = 0;
    // The next request has always begun: to Node the connection is never idle.
    socket.setEncoding('latin1').on('data', (text: string) => {
      if (!text.includes('HTTP/1.1 200')) return;
      answered += 1;
      socket.write(rest + line);
    });
    socket.write(line + rest + line);
    await until('calls are made', () => answered > 1);
    const exited = gateway.stop();
    await until('the end', () => linesOf('stopped').length === 1, SOON_MS);
    expect(await exited).toBe(0);
  });

  it('does not wait for a server that does not let go of its session', async () => {
    await start({}, { DELETE: () => undefined });
    expect(await gateway.stop()).toBe(0);
    expect(linesOf('stopped')).toHaveLength(1);
  });

  it.each([
    ['uncaught exception', 'throw'],
    ['unhandled rejection', 'reject'],
  ])('by an %s is told with the calls in flight, which finish, and has exit code 1', async (msg, does) => {
    await start({ nodeArgs: PRELOAD, env: { SIGUSR2_DOES: does } });
    const answers = await hold(2);
    process.kill(gateway.pid, 'SIGUSR2');
    await logged('stopping');
    for (const exchange of held) exchange.result();
    expect(await gateway.exited).toBe(1);
    expect(await statuses(answers)).toEqual([200, 200]);
    const call = (index: number) => ({
      correlation_id: `call-${index}`,
      tool: 'work',
      upstream: 'default',
      since_ms: expect.any(Number) as number,
    });
    expect(linesOf(msg)).toEqual([
      {
        level: 'fatal',
        time: expect.any(String) as string,
        context: 'gateway',
        msg,
        err: { type: 'Error', message: 'nobody expects this', stack: expect.stringContaining('on-sigusr2.mjs') as string },
        calls_in_flight: 2,
        calls: expect.arrayContaining([call(0), call(1)]) as unknown,
      },
    ]);
    expect(linesOf('stopping')).toMatchObject([{ reason: 'unforeseen error', calls_in_flight: 2 }]);
  });

  it('by errors that come again and again is one end; ten are told', async () => {
    await start({ nodeArgs: PRELOAD, env: { SIGUSR2_DOES: 'throw-always' } });
    const answers = await hold(1);
    process.kill(gateway.pid, 'SIGUSR2');
    await until('ten are told', () => linesOf('uncaught exception').length === 10);
    await new Promise((resolve) => setTimeout(resolve, 200));
    held[0]?.result();
    expect(await gateway.exited).toBe(1);
    expect(await statuses(answers)).toEqual([200]);
    expect([linesOf('uncaught exception').length, linesOf('stopping').length, linesOf('stopped').length]).toEqual([10, 1, 1]);
  });

  it('by a second signal is at once, however often errors came before', async () => {
    await start({ nodeArgs: PRELOAD, env: { SIGUSR2_DOES: 'throw', DRAIN_TIMEOUT: '20' } });
    const answers = await hold(1);
    process.kill(gateway.pid, 'SIGUSR2');
    await logged('stopping');
    process.kill(gateway.pid, 'SIGTERM');
    process.kill(gateway.pid, 'SIGINT');
    expect(await gateway.exited).toBe(1);
    expect(await statuses(answers)).toEqual(['socket hang up']);
    expect(linesOf('stopped')).toEqual([]);
  });
});
