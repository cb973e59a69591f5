import http from 'node:http';
import { get } from './support/exchange.ts';
import { allListed } from './support/listed.ts';
import { peakMb } from './support/process/peak-memory.ts';
import { type RunningProcess, startGateway, startPlanner } from './support/processes.ts';

const CALLERS = 100;
const ROUNDS = 5;
/** Tenfold allowances, for a machine that is busy: `npm run bench:load` measures. */
const CALL_MS = 5_000;
const HEALTH_MS = 1_000;
const MEMORY_MB = 512;

interface Task {
  readonly id: string;
  readonly title: string;
  readonly completed: boolean;
}

interface Answer {
  readonly status: number | undefined;
  readonly body: Partial<Task> & { readonly deleted?: Task };
  readonly ms: number;
}

describe('a hundred callers at once, each on a connection of its own, who call the planner', () => {
  let planner: RunningProcess;
  let gateway: RunningProcess;
  let mostOpen = 0;
  let mismatches: unknown[];
  const callMs: number[] = [];
  const healthMs: number[] = [];

  /** Makes tasks, and reads, completes and deletes each; what is not answered by just that is a mismatch. */
  const callInTurn = async (caller: number, agent: http.Agent) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const title = `task ${round} of caller ${caller}`;
      const call = async (tool: string, args: object, expected: Partial<Task>) => {
        const answer = await send(`${gateway.url}/v1/tools/${tool}`, args, agent);
        callMs.push(answer.ms);
        const task = answer.body.deleted ?? answer.body;
        const isIt = Object.entries(expected).every(([key, value]) => task[key as keyof Task] === value);
        if (answer.status !== 200 || !isIt) mismatches.push({ tool, expected, answer });
        return task;
      };
      const { id } = await call('create_task', { title }, { title, completed: false });
      await call('get_task', { task_id: id }, { id, title, completed: false });
      await call('complete_task', { task_id: id }, { id, title, completed: true });
      await call('delete_task', { task_id: id }, { id, title, completed: true });
    }
  };

  beforeAll(async () => {
    mismatches = [];
    planner = await startPlanner();
    // As many calls at once as there may be by default.
    gateway = await startGateway({ env: { MCP_SERVER_URL: planner.url, MAX_CONNECTIONS: '100' } });
    await allListed(gateway.url);
    const agents = Array.from({ length: CALLERS }, () => new http.Agent({ keepAlive: true, maxSockets: 1 }));
    let isOver = false;
    const all = Promise.all(agents.map((agent, caller) => callInTurn(caller, agent))).finally(() => (isOver = true));
    while (!isOver) {
      const start = performance.now();
      expect((await get(gateway.url, '/health')).status).toBe(200);
      healthMs.push(performance.now() - start);
      mostOpen = Math.max(mostOpen, Number(/^mcpo_http_connections (\d+)$/m.exec((await get(gateway.url, '/metrics')).text)?.[1]));
    }
    await all;
    agents.forEach((agent) => agent.destroy());
  });
  afterAll(async () => {
    await gateway.stop();
    await planner.stop();
  });

  it('[P1] are all served: each of 2,000 calls is answered by what it asked for, and none is refused', () => {
    expect(mismatches).toEqual([]);
    expect(callMs).toHaveLength(CALLERS * ROUNDS * 4);
    expect(mostOpen).toBeGreaterThanOrEqual(CALLERS);
  });

  it('[P2] wait for no call and no health check longer than they may', () => {
    expect(percentile95(callMs)).toBeLessThan(CALL_MS);
    expect(percentile95(healthMs)).toBeLessThan(HEALTH_MS);
  });

  it('[P5] cost gateway and planner less than a container has', () => {
    for (const { pid } of [gateway, planner]) expect(peakMb(pid)).toBeLessThan(MEMORY_MB);
  });
});

function percentile95(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] as number;
}

function send(url: string, args: object, agent: http.Agent): Promise<Answer> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { agent, method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () =>
        resolve({ status: response.statusCode, body: JSON.parse(text) as Answer['body'], ms: performance.now() - start }),
      );
    });
    sent.on('error', reject).end(JSON.stringify(args));
  });
}
