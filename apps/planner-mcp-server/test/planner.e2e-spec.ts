import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type RunningProcess, startPlanner } from '../../../test/support/processes.ts';
import { until } from '../../../test/support/until.ts';
import { type Connect, type Env, fromV1, type PlannerClient, stdioV1, WAYS } from './planner-clients.ts';
import { messageOf, openSession, post, toolCall } from './raw-http.ts';

const A_TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const TITLE_REQUIRED = { code: -32602, message: 'Invalid params', data: { field: 'title', issue: 'required' } };

/** What every tool answers: its value as one text item of compact JSON, and the same as structuredContent. */
function expectValue(result: unknown, value: object): void {
  const [item, ...others] = (result as { content: { type: string; text: string }[] }).content;
  const parsed = JSON.parse(item?.text as string);
  expect(parsed).toEqual(value);
  expect(item).toEqual({ type: 'text', text: JSON.stringify(parsed) });
  expect(others).toEqual([]);
  expect(result).toEqual({ content: [item], structuredContent: parsed });
}

function expectRefusal(result: unknown, sentence: string): void {
  expect(result).toEqual({ content: [{ type: 'text', text: sentence }], isError: true });
}

/** Runs `use` with a client of a new planner. */
async function withClient(connect: Connect, use: (client: PlannerClient) => Promise<void>, env?: Env): Promise<void> {
  const client = await connect(env);
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

async function withPlanner(env: Env, use: (planner: RunningProcess) => Promise<void>): Promise<void> {
  const planner = await startPlanner({ env });
  try {
    await use(planner);
  } finally {
    await planner.stop();
  }
}

async function withFolder(use: (file: (name: string) => string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'planner-e2e-'));
  try {
    await use((name) => path.join(folder, name));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function countTasks(client: PlannerClient): Promise<number> {
  const { structuredContent } = (await client.call('list_tasks')) as { structuredContent: { tasks: unknown[] } };
  return structuredContent.tasks.length;
}

async function untilCount(client: PlannerClient, isEnough: (count: number) => boolean): Promise<void> {
  while (!isEnough(await countTasks(client))) await delay(20);
}

const viaStdio: Connect = async (env) => fromV1(stdioV1(env));

describe.each(WAYS)('the planner over %s', (_way, connect) => {
  let client: PlannerClient;
  beforeAll(async () => void (client = await connect()));
  afterAll(() => client.close());

  it('answers each tool with its whole result', async () => {
    await expect(client.listTools()).resolves.toHaveLength(12);
    const abc = { id: 'abc123', title: 'Team plan', created_at: A_TIME };
    const toDo = { id: 'bucket_1', plan_id: 'abc123', title: 'To do' };
    const inProgress = { id: 'bucket_2', plan_id: 'abc123', title: 'In progress' };
    expectValue(await client.call('list_plans'), { plans: [abc] });
    expectValue(await client.call('list_buckets', { plan_id: 'abc123' }), { buckets: [toDo, inProgress] });

    const task = { plan_id: 'abc123', bucket_id: 'bucket_1', assignees: [], completed: false, created_at: A_TIME };
    const review = { id: 'task_1', title: 'Review quarterly reports', due_date: '2025-10-15', priority: 'medium', ...task };
    const call = { title: 'Review quarterly reports', due_date: '2025-10-15', plan_id: 'abc123' };
    expectValue(await client.call('create_task', call), review);
    const second = {
      ...task,
      id: 'task_2',
      title: 'Büro aufräumen',
      bucket_id: 'bucket_2',
      priority: 'urgent',
      assignees: ['Ada', 'Bob'],
    };
    const { title, bucket_id, priority, assignees } = second;
    expectValue(await client.call('create_task', { title, bucket_id, priority, assignees }), second);

    expectValue(await client.call('list_tasks'), { tasks: [review, second] });
    expectValue(await client.call('list_tasks', { due_from: '2025-10-15', due_to: '2025-10-15' }), { tasks: [review] });
    expectValue(await client.call('list_tasks', { assignee: 'ada', completed: false, bucket_id: 'bucket_2' }), { tasks: [second] });
    expectValue(await client.call('list_tasks', { priority: 'low' }), { tasks: [] });
    expectValue(await client.call('search_tasks', { query: 'ada BÜRO' }), { tasks: [second] });
    expectValue(await client.call('search_tasks', { query: 'r', limit: 1 }), { tasks: [review] });
    expectValue(await client.call('get_task', { task_id: 'task_1' }), review);

    const updated = { ...task, id: 'task_1', title: 'Review', priority: 'high', assignees: ['Eve'] };
    const changes = { task_id: 'task_1', title: 'Review', priority: 'high', assignees: ['Eve'], due_date: null };
    expectValue(await client.call('update_task', changes), updated);
    expectValue(await client.call('complete_task', { task_id: 'task_1' }), { ...updated, completed: true });
    expectValue(await client.call('list_tasks', { completed: true }), { tasks: [{ ...updated, completed: true }] });
    expectValue(await client.call('delete_task', { task_id: 'task_2' }), { deleted: second });

    const plan = { id: 'plan_3', title: 'Release', created_at: A_TIME };
    expectValue(await client.call('create_plan', { title: 'Release', buckets: ['Build'] }), plan);
    const build = { id: 'bucket_4', plan_id: 'plan_3', title: 'Build' };
    expectValue(await client.call('list_buckets'), { buckets: [toDo, inProgress, build] });
    const imported = ['a', 'b'].map((name, index) => ({
      ...{ ...task, plan_id: 'plan_3', bucket_id: 'bucket_4' },
      ...{ id: `task_${5 + index}`, title: name, priority: 'medium', due_date: '2999-01-01' },
    }));
    const tasks = imported.map(({ title, plan_id, due_date }) => ({ title, plan_id, due_date }));
    expectValue(await client.call('import_tasks', { tasks, delay_ms: 0 }), { imported: 2, tasks: imported });
  });

  it('refuses bad arguments, unknown plans and unknown tools with -32602', async () => {
    const before = await countTasks(client);
    const refusal = async (name: string, args: Record<string, unknown>) => {
      const { code, data } = (await client.call(name, args).catch((error: unknown) => error)) as { code: unknown; data: unknown };
      return { code, data };
    };
    expect(await refusal('create_task', {})).toEqual({ code: -32602, data: { field: 'title', issue: 'required' } });
    const unknownPlan = { code: -32602, data: { field: 'plan_id', issue: 'no plan has this id' } };
    for (const tool of ['list_buckets', 'list_tasks', 'plan_report']) expect(await refusal(tool, { plan_id: 'x' })).toEqual(unknownPlan);
    expect(await refusal('create_task', { title: 'a', plan_id: 'x' })).toEqual(unknownPlan);
    expect(await refusal('drop_tables', {})).toEqual({ code: -32602, data: { field: 'name', issue: 'unknown tool' } });
    expect(await countTasks(client)).toBe(before);
  });

  it('creates nothing more once an import is cancelled', async () => {
    const before = await countTasks(client);
    const cancel = new AbortController();
    const tasks = Array.from({ length: 20 }, (_, index) => ({ title: String(index) }));
    const running = client.call('import_tasks', { tasks, delay_ms: 50 }, { signal: cancel.signal });
    running.catch(() => undefined);
    await untilCount(client, (count) => count > before);
    cancel.abort('enough');
    await expect(running).rejects.toThrow();
    const made = await countTasks(client);
    await delay(300);
    await expect(countTasks(client)).resolves.toBe(made);
    expect(made - before).toBeLessThan(20);
  });
});

describe.each(WAYS.filter(([way]) => way === 'stdio, SDK v1' || way === 'HTTP with JSON answers, SDK v2'))(
  'the tools over %s',
  (_way, connect) => {
    it('says no to what does not exist, is done, or changes nothing, as an error of the tool', () =>
      withClient(connect, async (client) => {
        for (const tool of ['get_task', 'update_task', 'complete_task', 'delete_task']) {
          expectRefusal(await client.call(tool, { task_id: 'task_9' }), 'There is no task "task_9".');
        }
        await client.call('create_task', { title: 'a' });
        await client.call('complete_task', { task_id: 'task_1' });
        expectRefusal(await client.call('complete_task', { task_id: 'task_1' }), 'The task "task_1" is already completed.');
        expectRefusal(
          await client.call('update_task', { task_id: 'task_1' }),
          'There is nothing to change: give at least one field beside task_id.',
        );
      }));

    it('reports on a plan with counts and a chart', () =>
      withClient(connect, async (client) => {
        await client.listTools();
        await client.call('create_task', { title: 'late', due_date: '2020-01-01', priority: 'high' });
        await client.call('create_task', { title: 'done', due_date: '2020-01-01', bucket_id: 'bucket_2' });
        await client.call('complete_task', { task_id: 'task_2' });
        const none = { open: 0, completed: 0 };
        const report = {
          plan_id: 'abc123',
          title: 'Team plan',
          ...{ total: 2, open: 1, completed: 1, overdue: 1 },
          by_priority: { low: none, medium: { open: 0, completed: 1 }, high: { open: 1, completed: 0 }, urgent: none },
          by_bucket: [
            { bucket_id: 'bucket_1', title: 'To do', open: 1, completed: 0 },
            { bucket_id: 'bucket_2', title: 'In progress', open: 0, completed: 1 },
          ],
        };
        expect(await client.call('plan_report')).toEqual({
          content: [
            { type: 'text', text: JSON.stringify(report) },
            { type: 'image', mimeType: 'image/png', data: expect.stringMatching(/^iVBORw0KGgo/) },
          ],
          structuredContent: report,
        });
      }));
  },
);

describe.each(WAYS.filter(([way]) => !way.includes('JSON')))('progress over %s', (_way, connect) => {
  it('tells how far an import is', () =>
    withClient(connect, async (client) => {
      const tasks = [{ title: 'a' }, { title: 'b' }];
      // The clients lose steps that they read together with the result, as they may where the machine is busy.
      const progress = await until('both steps', async () => {
        const steps: unknown[] = [];
        await client.call('import_tasks', { tasks, delay_ms: 50 }, { onprogress: (step) => steps.push(step) });
        return steps.length === 2 && steps;
      });
      expect(progress).toEqual([
        { progress: 1, total: 2, message: 'Created "a".' },
        { progress: 2, total: 2, message: 'Created "b".' },
      ]);
    }));
});

describe('the list of tools', () => {
  it('says of each what it does to the plans, and that the list never changes', () =>
    withPlanner({}, async ({ url }) => {
      const session = await openSession(url);
      const listed = messageOf(await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, session)).result?.tools as Record<
        string,
        unknown
      >[];
      const [reads, adds] = [
        { readOnlyHint: true, openWorldHint: false },
        { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
      ];
      const overwrites = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false };
      expect(Object.fromEntries(listed.map((tool) => [tool.name, tool.annotations]))).toEqual({
        list_plans: reads,
        create_plan: adds,
        list_buckets: reads,
        list_tasks: reads,
        get_task: reads,
        create_task: adds,
        update_task: overwrites,
        complete_task: { ...overwrites, destructiveHint: false },
        delete_task: overwrites,
        search_tasks: reads,
        import_tasks: adds,
        plan_report: reads,
      });
      expect(listed.find((tool) => tool.name === 'create_task')?.inputSchema).toMatchObject({
        type: 'object',
        required: ['title'],
        additionalProperties: false,
        properties: { due_date: { type: 'string', format: 'date' }, priority: { enum: ['low', 'medium', 'high', 'urgent'] } },
      });
      const beginnings = listed.map((tool) => (tool.description as string).slice(0, 100));
      expect(new Set(beginnings).size).toBe(12);
      const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
      const { result } = messageOf(await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }));
      expect(result).toMatchObject({
        serverInfo: { name: 'planner-mcp-server' },
        capabilities: { tools: {} },
        instructions: expect.any(String),
      });
      expect(result?.capabilities).toEqual({ tools: {} });
    }));
});

describe.each([
  ['event streams', 'text/event-stream', 'false'],
  ['JSON answers', 'application/json', 'true'],
])('the endpoint with %s', (_mode, contentType, isJson) => {
  let planner: RunningProcess;
  beforeAll(async () => void (planner = await startPlanner({ env: { PLANNER_JSON_RESPONSES: isJson } })));
  afterAll(() => planner.stop());

  it('answers a bad call to the letter', async () => {
    const { url } = planner;
    const session = await openSession(url);
    const answer = await post(url, toolCall('create_task', { due_date: '2025-10-15' }, 'req_1'), session);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, contentType]);
    expect(messageOf(answer)).toEqual({ jsonrpc: '2.0', id: 'req_1', error: TITLE_REQUIRED });
    const errorOf = async (body: unknown) => messageOf(await post(url, body, session)).error;
    const invalid = (field: string, issue: string) => ({ code: -32602, message: 'Invalid params', data: { field, issue } });
    expect(await errorOf(toolCall('create_task', ['title']))).toEqual(invalid('arguments', 'must be an object'));
    expect(await errorOf(toolCall('create_task', 'title'))).toEqual(invalid('arguments', 'must be an object'));
    expect(await errorOf(toolCall(undefined))).toEqual(invalid('name', 'required'));
    expect(await errorOf(toolCall('nope'))).toEqual({
      code: -32602,
      message: 'Unknown tool: nope',
      data: { field: 'name', issue: 'unknown tool' },
    });
    expect(await errorOf({ jsonrpc: '2.0', id: 1, method: 'resources/list' })).toEqual({ code: -32601, message: 'Method not found' });
  });

  it('knows only the sessions that it opened and that have not ended', async () => {
    const { url } = planner;
    const session = await openSession(url);
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const notFound = JSON.stringify({ jsonrpc: '2.0', error: { code: -32001, message: 'Session not found' }, id: null });
    const unknown = await post(url, list, { 'mcp-session-id': 'none' });
    expect([unknown.status, unknown.text]).toEqual([404, notFound]);
    expect((await post(url, list)).status).toBe(400);
    expect((await post(url, list, session)).status).toBe(200);
    const stream = await fetch(`${url}/mcp`, { headers: { ...session, accept: 'text/event-stream' } });
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect((await fetch(`${url}/mcp`, { method: 'DELETE', headers: session })).status).toBe(200);
    await expect(stream.text()).resolves.toBe('');
    expect((await post(url, list, session)).status).toBe(404);
    expect((await fetch(`${url}/mcp`, { method: 'DELETE', headers: session })).status).toBe(404);
  });

  it('ends the response of a cancelled call without an answer', async () => {
    const { url } = planner;
    const session = await openSession(url);
    const running = post(url, toolCall('import_tasks', { tasks: [{ title: 'a' }, { title: 'b' }], delay_ms: 10_000 }, 'slow'), session);
    await delay(200);
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'slow' } };
    expect((await post(url, cancelled, session)).status).toBe(202);
    expect((await running).text).toBe('');
    expect(messageOf(await post(url, toolCall('list_tasks'), session)).result?.structuredContent).toMatchObject({
      tasks: [{ title: 'a' }],
    });
  });
});

describe('the endpoint', () => {
  const initialize = {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  };

  it('refuses what is not for it', () =>
    withPlanner({}, async ({ url, stderr }) => {
      const elsewhere = await fetch(`${url}/`, { method: 'POST', body: '{}' });
      expect([elsewhere.status, await elsewhere.text()]).toEqual([404, '{"error":"not_found","message":"The MCP endpoint is /mcp."}']);
      const put = await fetch(`${url}/mcp`, { method: 'PUT', body: '{}' });
      expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST, DELETE']);
      const broken = await post(url, '{"jsonrpc":');
      expect([broken.status, JSON.parse(broken.text).error.code]).toEqual([400, -32700]);
      const large = await post(url, JSON.stringify('x'.repeat(16 * 1024 * 1024)));
      expect([large.status, JSON.parse(large.text).error.message]).toEqual([413, 'The body must not exceed 4194304 bytes.']);
      for (const nothing of ['null', '7', '[]'])
        expect((await post(url, nothing, await openSession(url))).status).toBe(nothing === '[]' ? 202 : 400);
      expect(stderr.filter((line) => line.includes('failed'))).toEqual([]);
      expect((await post(url, initialize, { origin: 'https://evil.example' })).status).toBe(403);
      expect((await post(url, initialize, { origin: 'http://localhost:3000' })).status).toBe(200);
    }));

  it('keeps 1,000 sessions, and ends the longest idle one for each more', () =>
    withPlanner({}, async ({ url }) => {
      const ids: string[] = [];
      while (ids.length < 1002) ids.push((await post(url, initialize)).headers.get('mcp-session-id') as string);
      const statusOf = async (id?: string) =>
        (await post(url, { jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-session-id': id as string })).status;
      expect([await statusOf(ids[0]), await statusOf(ids[1]), await statusOf(ids[2])]).toEqual([404, 404, 200]);
    }));

  it('listens for every name on a wildcard address unless a list says which', async () => {
    const origin = { origin: 'http://planner-mcp-server:8000' };
    const other = { origin: 'http://other:8000' };
    await withPlanner({ PLANNER_HOST: '0.0.0.0' }, async ({ url }) => {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect((await post(url, initialize, origin)).status).toBe(200);
    });
    await withPlanner({ PLANNER_HOST: '0.0.0.0', PLANNER_ALLOWED_HOSTS: 'planner-mcp-server' }, async ({ url }) => {
      expect((await post(url, initialize, origin)).status).toBe(200);
      expect((await post(url, initialize, other)).status).toBe(403);
    });
  });

  it('asks for a token where one is required, and keeps its digest only', () =>
    withFolder((file) =>
      withPlanner({ PLANNER_REQUIRE_TOKEN: 'true', PLANNER_DATA_FILE: file('data.json') }, async ({ url }) => {
        const session = await openSession(url);
        const refused = await post(url, toolCall('create_task', { title: 'a' }), session);
        expect([refused.status, refused.headers.get('www-authenticate'), refused.text]).toEqual([
          401,
          'TeamsAuthToken realm="planner"',
          '{"error":"unauthorized","message":"The header X-Teams-Auth-Token is required."}',
        ]);
        expect((await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, session)).status).toBe(200);
        const created = await post(url, toolCall('create_task', { title: 'a' }), { ...session, 'X-Teams-Auth-Token': 'secret-token' });
        // printf %s secret-token | sha256sum | cut -c1-16
        expect(messageOf(created).result?.structuredContent).toMatchObject({ id: 'task_1', created_by: '930bbdc51b6aed5c' });
        await expect(readFile(file('data.json'), 'utf8')).resolves.not.toContain('secret-token');
      }),
    ));

  it('answers 429 with Retry-After beyond the limit, for calls only', () =>
    withPlanner({ PLANNER_RATE_LIMIT: '2' }, async ({ url }) => {
      const session = await openSession(url);
      for (const id of [1, 2]) expect((await post(url, toolCall('list_plans', {}, id), session)).status).toBe(200);
      const refused = await post(url, toolCall('list_plans', {}, 3), session);
      const seconds = Number(refused.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(50);
      expect(seconds).toBeLessThanOrEqual(60);
      const body = { error: 'rate_limited', message: 'At most 2 tool calls a minute.', retry_after: seconds };
      expect([refused.status, JSON.parse(refused.text)]).toEqual([429, body]);
      expect((await post(url, { jsonrpc: '2.0', id: 4, method: 'tools/list' }, session)).status).toBe(200);
    }));
});

describe('executions', () => {
  const linesOf = async (file: string) =>
    (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('are counted once each, with the correlation id, and only when they ran', () =>
    withFolder((file) =>
      withPlanner({ PLANNER_EXECUTIONS_FILE: file('runs') }, async ({ url }) => {
        const session = await openSession(url);
        await post(url, toolCall('create_task', {}), session);
        await post(url, toolCall('create_task', { title: 'a', plan_id: 'x' }), session);
        await post(url, toolCall('create_task', { title: 'a' }), { ...session, 'x-correlation-id': 'from-header' });
        const params = { name: 'get_task', arguments: { task_id: 'x' }, _meta: { 'io.mcpo-proxy/correlation-id': 'from-meta' } };
        await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, { ...session, 'x-correlation-id': 'from-header' });
        await post(url, toolCall('import_tasks', { tasks: [{ title: 'b' }, { title: 'c' }], delay_ms: 0 }), session);
        await expect(linesOf(file('runs'))).resolves.toEqual([
          { tool: 'create_task', correlation_id: 'from-header', at: A_TIME },
          { tool: 'get_task', correlation_id: 'from-meta', at: A_TIME },
          { tool: 'import_tasks', at: A_TIME },
        ]);
      }),
    ));

  it('are counted before they end, so that a killed planner loses none', () =>
    withFolder(async (file) => {
      const planner = await startPlanner({ env: { PLANNER_EXECUTIONS_FILE: file('runs') } });
      const session = await openSession(planner.url);
      const lost = post(planner.url, toolCall('import_tasks', { tasks: [{ title: 'a' }], delay_ms: 10_000 }), session);
      lost.catch(() => undefined);
      await delay(200);
      await planner.stop('SIGKILL');
      await expect(lost).rejects.toThrow();
      await expect(linesOf(file('runs'))).resolves.toEqual([{ tool: 'import_tasks', at: A_TIME }]);
    }));
});

describe('the data file', () => {
  const titlesIn = async (file: string) =>
    (JSON.parse(await readFile(file, 'utf8')).tasks as { title: string }[]).map((task) => task.title);

  it('survives a restart', () =>
    withFolder(async (file) => {
      const env = { PLANNER_DATA_FILE: file('data.json') };
      await withClient(viaStdio, async (client) => void (await client.call('create_task', { title: 'a' })), env);
      await withClient(viaStdio, async (client) => void (await client.call('create_task', { title: 'b' })), env);
      await expect(titlesIn(file('data.json'))).resolves.toEqual(['a', 'b']);
    }));

  it('holds every answered call of a planner that is killed', () =>
    withFolder(async (file) => {
      const transport = stdioV1({ PLANNER_DATA_FILE: file('data.json') });
      const client = await fromV1(transport);
      const answered: number[] = [];
      const calls = Array.from({ length: 200 }, (_, index) =>
        client.call('create_task', { title: String(index) }).then(
          () => answered.push(index),
          () => undefined,
        ),
      );
      await Promise.any(calls);
      process.kill(transport.pid as number, 'SIGKILL');
      await Promise.all(calls);
      expect(answered.length).toBeGreaterThan(0);
      const kept = new Set(await titlesIn(file('data.json')));
      expect(answered.filter((index) => !kept.has(String(index)))).toEqual([]);
    }));

  it('is not written by a planner that ends after another has taken over', () =>
    withFolder(async (file) => {
      const env = { PLANNER_DATA_FILE: file('data.json') };
      await withPlanner(env, async () => {
        await withClient(viaStdio, async (client) => void (await client.call('create_task', { title: 'a' })), env);
      });
      await expect(titlesIn(file('data.json'))).resolves.toEqual(['a']);
    }));

  it('that is broken keeps the planner from starting and is left alone', () =>
    withFolder(async (file) => {
      await writeFile(file('data.json'), '{"plans":');
      await expect(startPlanner({ env: { PLANNER_DATA_FILE: file('data.json') } })).rejects.toThrow(
        /ended with 1 before it listened:\nPLANNER_DATA_FILE: .*data\.json is not JSON: [^\n]+$/,
      );
      await expect(readFile(file('data.json'), 'utf8')).resolves.toBe('{"plans":');
    }));
});

describe('start and end', () => {
  it('names every bad setting and exits with 1', () =>
    expect(startPlanner({ env: { PLANNER_PORT: 'x', PLANNER_RATE_LIMIT: '-1' } })).rejects.toThrow(
      /ended with 1 before it listened:\nPLANNER_PORT: must be an integer from 0 to 65535\nPLANNER_RATE_LIMIT: must be an integer from 1 to 100000$/,
    ));

  it('says when its port is taken', () =>
    withPlanner({}, async ({ url }) => {
      const { port } = new URL(url);
      await expect(startPlanner({ env: { PLANNER_PORT: port } })).rejects.toThrow(
        new RegExp(`ended with 1 before it listened:\nPLANNER_HOST, PLANNER_PORT: cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
      );
    }));

  it('says one line on stdout', () =>
    withPlanner({}, async ({ url, stdout }) => {
      await openSession(url);
      expect(stdout).toEqual([`{"msg":"listening","url":"${url}"}`]);
    }));

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s, and an import in progress keeps what it made', (signal) =>
    withFolder(async (file) => {
      const planner = await startPlanner({ env: { PLANNER_DATA_FILE: file('data.json') } });
      const session = await openSession(planner.url);
      const running = post(planner.url, toolCall('import_tasks', { tasks: [{ title: 'a' }, { title: 'b' }], delay_ms: 10_000 }), session);
      running.catch(() => undefined);
      await delay(200);
      const start = Date.now();
      await expect(planner.stop(signal)).resolves.toBe(0);
      expect(Date.now() - start).toBeLessThan(3000);
      expect(planner.stderr).toEqual([]);
      expect(JSON.parse(await readFile(file('data.json'), 'utf8')).tasks).toMatchObject([{ title: 'a' }]);
    }),
  );

  it('answers what is in flight before it ends', () =>
    withPlanner({}, async (planner) => {
      const session = await openSession(planner.url);
      const running = post(planner.url, toolCall('import_tasks', { tasks: [{ title: 'a' }], delay_ms: 300 }), session);
      await delay(100);
      await expect(planner.stop()).resolves.toBe(0);
      expect(messageOf(await running).result?.structuredContent).toMatchObject({ imported: 1 });
    }));
});
