import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as built from './support/built.js';
import { childrenOf, isRunning } from './support/process/children.js';
import { closesAfterEach } from './support/ends.js';
import { errorAnswer, get, jsonAnswer, post, told } from './support/exchange.js';
import { freePort } from './support/network/free-port.js';
import { allListed } from './support/listed.js';
import { ROOT, type RunningProcess, startGateway, startPlanner } from './support/processes.js';
import { temporaryFolder } from './support/recorded.js';
import { publishedTools, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const PLANNER = path.join(ROOT, built.PLANNER);
const CURLY = path.join(ROOT, 'test/support/servers/curly-tools.mjs');
/** What hangs without end in mcpo is answered within this, on a loaded machine too. */
const BOUND_MS = 20_000;

/**
 * What happens to users of mcpo, under the built gateway with a config file of mcpo and real servers. Edited config files are in
 * hot-reload.e2e-spec.ts, expired sessions in upstream-trouble.e2e-spec.ts, lists of several pages in discovery.e2e-spec.ts.
 */
describe('where mcpo fails', () => {
  const closing = closesAfterEach();
  const newFolder = temporaryFolder();

  const start = async (mcpServers: Record<string, object>) => {
    const folder = newFolder();
    const file = path.join(folder, 'mcp.json');
    writeFileSync(file, JSON.stringify({ mcpServers }));
    return closing(await startGateway({ args: ['--config', file], cwd: folder }));
  };
  const startPlannerProcess = async (env: Record<string, string> = {}) => closing(await startPlanner({ env }));
  const plannerOverStdio = (env: Record<string, string> = {}) => ({ command: process.execPath, args: [PLANNER], env });
  const executionsIn = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []);
  const plannerOf = ({ pid }: RunningProcess) => childrenOf(pid, PLANNER)[0] as number;

  it('[AC5][P4] stdio child killed, 8 concurrent calls: 8 of 8 are answered after one respawn', async () => {
    const executions = path.join(newFolder(), 'executions');
    const gateway = await start({ planner: plannerOverStdio({ PLANNER_EXECUTIONS_FILE: executions }) });
    await allListed(gateway.url);
    const killed = plannerOf(gateway);
    process.kill(killed, 'SIGKILL');
    await until('its end', () => !isRunning(killed));

    const titles = Array.from({ length: 8 }, (_, index) => `task ${index}`);
    const answers = await Promise.all(titles.map((title) => post(gateway.url, '/planner/create_task', { title })));
    expect(answers.map(({ status, text }) => [status, (JSON.parse(text) as { title: string }).title])).toEqual(
      titles.map((title) => [200, title]),
    );
    expect(executionsIn(executions)).toHaveLength(8);
    const timesUp = () => gateway.stdout.filter((line) => line.includes('"msg":"upstream is up"')).length;
    await until('the log tells of it', () => timesUp() >= 2);
    expect(timesUp()).toBe(2);
    expect(childrenOf(gateway.pid, PLANNER)).toHaveLength(1);
    expect(plannerOf(gateway)).not.toBe(killed);
  });

  it('[E1][E2] an upstream refuses or hangs: 503 with Retry-After, 504, within bounded time', async () => {
    const [refusing, hanging] = [await startPlannerProcess(), await startPlannerProcess()];
    const gateway = await start({
      refuses: { url: `${refusing.url}/mcp` },
      hangs: { url: `${hanging.url}/mcp`, timeoutMs: 1_000 },
      'hangs-too': { ...plannerOverStdio(), timeoutMs: 1_000 },
    });
    await allListed(gateway.url);
    const hung = [hanging.pid, plannerOf(gateway)];
    await refusing.stop('SIGKILL');
    for (const pid of hung) process.kill(pid, 'SIGSTOP');
    try {
      const from = performance.now();
      const [refusal, ...silences] = await Promise.all(
        ['refuses', 'hangs', 'hangs-too'].map(async (server) => told(await post(gateway.url, `/${server}/list_plans`, {}))),
      );
      expect(performance.now() - from).toBeLessThan(BOUND_MS);
      const seconds = refusal?.headers['retry-after'];
      expect(seconds).toMatch(/^[1-9]\d*$/);
      expect(refusal).toEqual(
        errorAnswer(
          503,
          {
            type: 'upstream_unavailable',
            message: 'Service temporarily unavailable',
            details: { server: 'refuses', reason: 'The MCP server cannot be reached; the tool did not run.' },
            retry_after: Number(seconds),
          },
          { 'retry-after': seconds },
        ),
      );
      const silence = (server: string) => ({
        type: 'upstream_timeout',
        message: `"${server}_list_plans" gave no sign of life for 1 s (REQUEST_TIMEOUT). It may have run.`,
        details: { server, limit: 'REQUEST_TIMEOUT', seconds: 1, outcome: 'unknown' },
      });
      expect(silences).toEqual([errorAnswer(504, silence('hangs')), errorAnswer(504, silence('hangs-too'))]);
    } finally {
      for (const pid of hung) process.kill(pid, 'SIGCONT');
    }
  });

  it('[P4] SIGTERM: calls in flight finish, over stdio and over HTTP', async () => {
    const executions = path.join(newFolder(), 'executions');
    const env = { PLANNER_EXECUTIONS_FILE: executions };
    const planner = await startPlannerProcess(env);
    const gateway = await start({ stdio: plannerOverStdio(env), http: { url: `${planner.url}/mcp` } });
    await allListed(gateway.url);
    const child = plannerOf(gateway);
    const body = { tasks: [{ title: 'one' }, { title: 'two' }], delay_ms: 1_000 };
    const calls = ['stdio', 'http', 'stdio', 'http'].map((server) => post(gateway.url, `/${server}/import_tasks`, body));
    await until('the calls to run', () => executionsIn(executions).length === calls.length);
    const exited = gateway.stop('SIGTERM');
    const answers = await Promise.all(calls);
    expect(answers.map(({ status, text }) => [status, (JSON.parse(text) as { imported: number }).imported])).toEqual(
      Array(calls.length).fill([200, 2]),
    );
    expect(await exited).toBe(0);
    await until('the child to end', () => !isRunning(child));
  });

  it('[AC7] a tool named x{y} is a name, not a route pattern', async () => {
    const gateway = await start({ curly: { command: process.execPath, args: [CURLY] } });
    await allListed(gateway.url);
    const names = ['x{y}', ':name', '*', 'xy'];
    const { paths } = JSON.parse((await get(gateway.url, '/curly/openapi.json')).text) as { paths: object };
    expect(Object.keys(paths)).toHaveLength(names.length);
    for (const [index, name] of names.entries())
      for (const place of [Object.keys(paths)[index] as string, `/${encodeURIComponent(name)}`])
        expect(told(await post(gateway.url, `/curly${place}`, {}))).toEqual(jsonAnswer(JSON.stringify(`called ${name}`)));
    for (const place of ['x%7Bz%7D', 'xz', 'anything', '%3Aother'])
      expect({ place, status: (await post(gateway.url, `/curly/${place}`, {})).status }).toEqual({ place, status: 404 });
  });

  it('[AC5][E8][P4] servers are connected at once and the port is open at once; one that was down at start comes back', async () => {
    const port = await freePort();
    const gateway = await start({
      hangs: { command: process.execPath, args: ['-e', 'setInterval(() => undefined, 1000)'] },
      down: { url: `http://127.0.0.1:${port}/mcp` },
      good: plannerOverStdio(),
    });
    expect((await get(gateway.url, '/health/live')).status).toBe(200);
    await untilPublished(gateway, 'good_list_plans');
    expect(await post(gateway.url, '/good/list_plans', {})).toMatchObject({ status: 200 });
    expect(await post(gateway.url, '/down/list_plans', {})).toMatchObject({ status: 503 });
    const timesUp = () => gateway.stdout.filter((line) => line.includes('"msg":"upstream is up"')).length;
    await until('the log tells of it', () => timesUp() >= 1);
    expect(timesUp()).toBe(1);

    closing(await startPlanner({ env: { PLANNER_PORT: String(port) } }));
    await until('the server that was down is called', async () => (await post(gateway.url, '/down/list_plans', {})).status === 200);
    await expect(publishedTools(gateway)).resolves.toEqual(expect.arrayContaining(['good_list_plans', 'down_list_plans']));
  });
});
