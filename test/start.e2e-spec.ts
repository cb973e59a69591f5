import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GATEWAY, PLANNER } from './support/built.ts';
import { type Exchange, get, post } from './support/exchange.ts';
import { allListed } from './support/listed.ts';
import { ROOT, type RunningProcess, startGateway, startNode, type StartOptions } from './support/processes.ts';
import { until } from './support/until.ts';

let folder: string;
const cleanup: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'start-'));
  cleanup.push(() => rmSync(folder, { recursive: true }));
});
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end();
});

interface Gateway extends RunningProcess {
  /** Pid of the embedded planner. */
  readonly planner: number;
  /** Whether the planner runs a call of this correlation id, or did. */
  hasRun(correlationId: string): boolean;
}

/** A gateway with its embedded planner, which it has listed. */
async function start(script = GATEWAY, options: StartOptions = {}): Promise<Gateway> {
  const executions = path.join(folder, 'executions');
  const gateway = await startNode(script, { ...options, env: { PORT: '0', PLANNER_EXECUTIONS_FILE: executions, ...options.env } });
  cleanup.push(() => gateway.stop('SIGKILL'));
  await allListed(gateway.url);
  const [planner, ...others] = childrenOf(gateway.pid);
  expect(others).toEqual([]);
  const hasRun = (id: string) => existsSync(executions) && readFileSync(executions, 'utf8').includes(`"correlation_id":"${id}"`);
  return { ...gateway, planner: planner as number, hasRun };
}

function childrenOf(pid: number): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean)
      .map(Number);
  } catch {
    return []; // pgrep finds none
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const hasEnded = (pid: number) => until(`the end of ${pid}`, () => !isRunning(pid));
const messagesOf = ({ stdout }: RunningProcess) => stdout.map((line) => (JSON.parse(line) as { msg: string }).msg);
const isRefused = (url: string) =>
  get(url, '/health/live').then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
  );

/** An import of two tasks that takes twice as long as told, and is running when this resolves. */
async function callInFlight(gateway: Gateway, delayMs: number): Promise<{ answer: Promise<Exchange | Error> }> {
  const body = { tasks: [{ title: 'one' }, { title: 'two' }], delay_ms: delayMs };
  const answer = post(gateway.url, '/v1/tools/import_tasks', body, { 'x-correlation-id': 'in-flight' }).catch((error: Error) => error);
  await until('the call to run', () => gateway.hasRun('in-flight'));
  return { answer };
}

describe('a start', () => {
  it('[C4] tells on stderr what a person needs, and logs JSON lines on stdout', async () => {
    const gateway = await start();
    const { url, stdout, stderr } = gateway;
    expect(stderr).toEqual([
      '',
      `  OpenAPI document  ${url}/openapi.json`,
      `  Swagger UI        ${url}/docs`,
      `  In Open WebUI     Admin Panel > Settings > External Tools > +: type OpenAPI, URL ${url} (in Docker: set HOST=0.0.0.0 and API_KEYS, and use http://host.docker.internal:PORT)`,
      `  Try it            curl -s ${url}/v1/tools/create_task -H 'Content-Type: application/json' -d '{"title":"Review quarterly reports","due_date":"2025-10-15"}'`,
      '',
    ]);
    for (const place of ['/openapi.json', '/docs']) expect((await get(url, place)).status).toBe(200);
    const task = execFileSync('sh', ['-c', (stderr[4] as string).slice('  Try it'.length)], { encoding: 'utf8' });
    expect(JSON.parse(task)).toMatchObject({ title: 'Review quarterly reports', due_date: '2025-10-15' });
    const expected = ['listening', 'upstream is up', 'tools listed', 'request'];
    await until('all are logged', () => expected.every((message) => messagesOf(gateway).includes(message)));
    expect(await gateway.stop()).toBe(0);
    expect(stdout.map((line) => Object.keys(JSON.parse(line) as object).slice(0, 2))).toEqual(stdout.map(() => ['level', 'time']));
  });

  it('[C4] tells of a line that works for any other server, too', async () => {
    const planner = await startNode(PLANNER, { args: ['--http'], env: { PLANNER_PORT: '0' } });
    cleanup.push(() => planner.stop());
    const { url, stderr, stop } = await startGateway({ env: { MCP_SERVER_URL: planner.url } });
    cleanup.push(() => stop());
    await allListed(url);
    const line = stderr.find((text) => text.startsWith('  Try it')) as string;
    expect(line).toBe(`  Try it            curl -s '${url}/v1/tools?format=mcp'`);
    const listed = execFileSync('sh', ['-c', line.slice('  Try it'.length)], { encoding: 'utf8' });
    expect((JSON.parse(listed) as { tools: unknown[] }).tools).toHaveLength(12);
  });

  it("[C2] works from another folder, through a link as npm makes one of a package's bin", async () => {
    const link = path.join(folder, 'mcpo-proxy');
    symlinkSync(path.join(ROOT, GATEWAY), link);
    const { url } = await start(link, { cwd: folder });
    expect((await post(url, '/v1/tools/list_plans', {})).status).toBe(200);
  });
});

describe('an end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '[P4] by %s lets the call in flight finish, takes no other, and leaves nothing behind',
    async (signal) => {
      const gateway = await start();
      // A pause longer than the planner takes to end when its stdin is closed.
      const { answer } = await callInFlight(gateway, 1_200);
      const exited = gateway.stop(signal);
      await until('new connections to be refused', () => isRefused(gateway.url));
      const { status, text } = (await answer) as Exchange;
      expect({ status, body: JSON.parse(text) as unknown }).toMatchObject({ status: 200, body: { imported: 2 } });
      expect(await exited).toBe(0);
      await hasEnded(gateway.planner);
      expect(messagesOf(gateway).filter((msg) => msg.startsWith('stop'))).toEqual(['stopping', 'stopped']);
      expect(gateway.stdout.filter((line) => line.includes('"correlation_id":"in-flight"'))).toHaveLength(1);
    },
  );

  it('[P4] does not wait for requests that never come whole, answered or not', async () => {
    const gateway = await start();
    const answers: string[] = [];
    for (const length of [10, 1e8]) {
      const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
      socket.setEncoding('utf8').on('data', (text: string) => answers.push(text));
      socket.write(
        `POST /v1/tools/list_plans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n{`,
      );
    }
    await until('the larger one to be refused', () => answers.join('').startsWith('HTTP/1.1 413'));
    expect(await gateway.stop()).toBe(0);
    await hasEnded(gateway.planner);
  }, 60_000);

  it('[EP5][C4] is told to a probe whose connection is still open: not ready', async () => {
    const gateway = await start();
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
    const received: string[] = [];
    socket.setEncoding('utf8').on('data', (text: string) => received.push(text));
    await new Promise<void>((resolve) => socket.write('GET /ready HTTP/1.1\r\nHost: x\r\n', () => resolve()));
    const { answer } = await callInFlight(gateway, 500);
    const exited = gateway.stop();
    await until('the gateway to be stopping', () => messagesOf(gateway).includes('stopping') && isRefused(gateway.url));
    socket.write('\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    const [head, body] = received.join('').split('\r\n\r\n') as [string, string];
    expect(head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(JSON.parse(body)).toEqual({
      status: 'error',
      info: { tools: { revision: 2, tools: 12, unlisted: [], status: 'up' } },
      error: { gateway: { status: 'down', message: 'stopping' } },
      details: { tools: { revision: 2, tools: 12, unlisted: [], status: 'up' }, gateway: { status: 'down', message: 'stopping' } },
    });
    expect(((await answer) as Exchange).status).toBe(200);
    expect(await exited).toBe(0);
  });

  it('[P4] by a second signal is at once, with exit code 1', async () => {
    const gateway = await start();
    const { answer } = await callInFlight(gateway, 10_000);
    const exited = gateway.stop();
    await until('the first signal to be taken', () => messagesOf(gateway).includes('stopping'));
    process.kill(gateway.pid, 'SIGTERM');
    expect(await exited).toBe(1);
    expect(await answer).toMatchObject({ code: 'ECONNRESET' });
    await hasEnded(gateway.planner);
  });

  it('[P4] by SIGKILL ends the planner, too: its stdin closes', async () => {
    const gateway = await start();
    expect(await gateway.stop('SIGKILL')).toBe('SIGKILL');
    await hasEnded(gateway.planner);
  });
});
