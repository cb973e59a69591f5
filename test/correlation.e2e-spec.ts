import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { get, post, request, type RequestOptions } from './support/exchange.ts';
import { allListed } from './support/listed.ts';
import { type RunningProcess, startGateway, startPlanner } from './support/processes.ts';
import { until } from './support/until.ts';

type LogLine = Record<string, unknown> & { readonly correlation_id?: string; readonly msg: string };

const MS = expect.any(Number);
const CANARY = 'CANARY-5d1c';

let folder: string;
let planner: RunningProcess;
let gateway: RunningProcess;

const logLines = () => gateway.stdout.map((line) => JSON.parse(line) as LogLine);
const linesOf = (id: string) => logLines().filter((line) => line.msg === 'request' && line.correlation_id === id);
/** The one access-log line of a request. Others may be asked for only after the gateway has written its last one. */
const lineOf = async (id: string): Promise<LogLine> => {
  await until(`a log line of ${id}`, () => linesOf(id).length > 0);
  expect(linesOf(id)).toHaveLength(1);
  return linesOf(id)[0] as LogLine;
};
const executions = () =>
  readFileSync(path.join(folder, 'executions'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { tool: string; correlation_id?: string });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'correlation-'));
  planner = await startPlanner({ env: { PLANNER_EXECUTIONS_FILE: path.join(folder, 'executions') } });
  gateway = await startGateway({ env: { MCP_SERVER_URL: planner.url, LOG_LEVEL: 'DEBUG' } });
  await allListed(gateway.url);
});
afterAll(async () => {
  await Promise.all([gateway?.stop(), planner?.stop()]);
  rmSync(folder, { recursive: true });
});

describe('the correlation id', () => {
  const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
  const idFor = (headers: Record<string, string>) => {
    const { port } = new URL(gateway.url);
    const sent = http.get({ port, path: '/health/live', agent: false, headers });
    return new Promise<unknown>((resolve, reject) =>
      sent.on('error', reject).on('response', (response) => resolve(response.resume().headers['x-correlation-id'])),
    );
  };

  it.each<[string, Record<string, string>, string]>([
    ['X-Correlation-Id', { 'x-correlation-id': 'a.B_c-9' }, 'a.B_c-9'],
    ['X-Correlation-Id of 128 characters', { 'x-correlation-id': 'x'.repeat(128) }, 'x'.repeat(128)],
    ['X-Request-Id', { 'x-request-id': 'request-1' }, 'request-1'],
    ['traceparent', { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` }, TRACE],
    [
      'X-Correlation-Id before the others',
      { 'x-correlation-id': 'first', 'x-request-id': 'second', traceparent: `00-${TRACE}-00f067aa0ba902b7-01` },
      'first',
    ],
    ['X-Request-Id before traceparent', { 'x-request-id': 'second', traceparent: `00-${TRACE}-00f067aa0ba902b7-01` }, 'second'],
  ])('[AC6] is that of %s', async (_, headers, id) => {
    expect(await idFor(headers)).toBe(id);
  });

  it.each<[string, Record<string, string>]>([
    ['nothing was given', {}],
    ['it has blanks', { 'x-correlation-id': 'a b' }],
    ['it is too long', { 'x-correlation-id': 'x'.repeat(129) }],
    ['it would break a log line', { 'x-correlation-id': '","level":"error' }],
    ['it has letters of no name', { 'x-correlation-id': 'caf\u00e9' }],
    ['it has a tab', { 'x-correlation-id': 'a\tb' }],
    ['traceparent is none', { traceparent: '00-xyz-1-01' }],
  ])('[AC6] is a new one when %s', async (_, headers) => {
    const [one, another] = [await idFor(headers), await idFor(headers)];
    expect(one).toMatch(UUID);
    expect(another).not.toBe(one);
  });

  it('[AC6] reaches the MCP server', async () => {
    await post(gateway.url, '/v1/tools/list_plans', {}, { 'x-correlation-id': 'to-the-server' });
    expect(executions().filter((line) => line.correlation_id === 'to-the-server')).toEqual([
      { tool: 'list_plans', correlation_id: 'to-the-server', at: expect.any(String) },
    ]);
  });
});

describe('the access log', () => {
  const TOO_LARGE = ' '.repeat(1024 * 1024 + 1);
  const json = { 'content-type': 'application/json' };
  /** All that such a line holds. */
  const lineWith = (id: string, fields: object) => ({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    msg: 'request',
    correlation_id: id,
    client: '127.0.0.1',
    principal: 'anonymous',
    duration_ms: MS,
    translation_ms: MS,
    ...fields,
  });
  const onTool = (tool: string, more: object = {}) => ({ tool, upstream: 'default', upstream_ms: MS, ...more });

  it.each<[number, string, string, RequestOptions, object]>([
    [200, 'GET', '/openapi.json', {}, {}],
    [200, 'POST', '/v1/tools/list_plans', { headers: json, body: '{}' }, onTool('list_plans')],
    [304, 'GET', '/v1/openapi.json', { headers: { 'if-none-match': '*' } }, {}],
    [400, 'POST', '/v1/tools/create_task', { headers: json, body: '{"title":}' }, { error: 'malformed_json' }],
    [
      400,
      'POST',
      '/v1/tools/create_task',
      { headers: json, body: '{}' },
      { tool: 'create_task', upstream: 'default', error: 'validation_error' },
    ],
    [
      400,
      'POST',
      '/v1/tools/create_task',
      { headers: json, body: '{"title":"a","plan_id":"x"}' },
      onTool('create_task', { error: 'validation_error' }),
    ],
    [400, 'GET', '/v1/tools/%zz', {}, { error: 'validation_error' }],
    [404, 'POST', '/v1/tools/nothing', { headers: json, body: '{}' }, { error: 'tool_not_found' }],
    [404, 'GET', '/nothing', {}, { error: 'not_found' }],
    [413, 'POST', '/v1/tools/create_task', { headers: json, body: TOO_LARGE }, { error: 'payload_too_large' }],
    [415, 'POST', '/v1/tools/create_task', { headers: { 'content-type': 'text/plain' }, body: 'x' }, { error: 'unsupported_media_type' }],
    [422, 'POST', '/v1/tools/get_task', { headers: json, body: '{"task_id":"x"}' }, onTool('get_task', { error: 'tool_error' })],
  ])('[AC6][MON] has one line of %i for %s %s', async (status, method, route, options, fields) => {
    const id = `line-${status}-${method}-${route.replaceAll(/\W/g, '_')}-${options.body?.length ?? 0}`;
    const { headers, ...answer } = await request(gateway.url, route, {
      method,
      ...options,
      headers: { ...options.headers, 'x-correlation-id': id },
    });
    expect({ status: answer.status, id: headers['x-correlation-id'] }).toEqual({ status, id });
    expect(await lineOf(id)).toEqual(lineWith(id, { method, path: route, status, ...fields }));
  });

  it('[AC6] leaves out the query, which may hold anything', async () => {
    await get(gateway.url, `/v1/tools?format=mcp&token=${CANARY}`, { 'x-correlation-id': 'with-query' });
    expect(await lineOf('with-query')).toMatchObject({ path: '/v1/tools', status: 200 });
  });

  it("[S6] leaves out what opens a user's link", async () => {
    for (const [id, path] of [
      ['with-link', `/oauth/authorize/${CANARY}`],
      ['with-link-2', `/OAuth/Authorize/${CANARY}/x?y`],
    ] as const) {
      await get(gateway.url, path, { 'x-correlation-id': id });
      expect(await lineOf(id)).toMatchObject({ path: '/oauth/authorize/...', status: 404 });
    }
  });

  it('[AC6] tells of a caller who leaves: 499', async () => {
    const body = JSON.stringify({ tasks: [{ title: 'a' }], delay_ms: 10_000 });
    const { port } = new URL(gateway.url);
    const headers = { ...json, 'x-correlation-id': 'leaves', 'content-length': body.length };
    const sent = http.request({ port, method: 'POST', path: '/v1/tools/import_tasks', agent: false, headers });
    sent.on('error', () => undefined).end(body);
    await until('the call to run', () => executions().some((line) => line.correlation_id === 'leaves'));
    sent.destroy();
    const fields = {
      method: 'POST',
      path: '/v1/tools/import_tasks',
      status: 499,
      tool: 'import_tasks',
      upstream: 'default',
      upstream_ms: expect.any(Number) as number,
    };
    expect(await lineOf('leaves')).toEqual(lineWith('leaves', fields));
  });

  it('[AC6] tells of a caller who leaves in the middle of the body: 499', async () => {
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
    const headers = 'Host: 127.0.0.1\r\nX-Correlation-Id: leaves-early\r\nContent-Type: application/json\r\nContent-Length: 100';
    const head = `POST /v1/tools/create_task HTTP/1.1\r\n${headers}\r\n\r\n`;
    socket.write(`${head}{"title":`, () => socket.destroy());
    expect(await lineOf('leaves-early')).toEqual(lineWith('leaves-early', { method: 'POST', path: '/v1/tools/create_task', status: 499 }));
  });

  it('[AC6][S6] tells of a URL that is whole its path alone', async () => {
    const { port } = new URL(gateway.url);
    const headers = { host: `127.0.0.1:${port}`, 'x-correlation-id': 'whole-url' };
    const sent = http.request({
      port,
      path: `http://someone:${CANARY}@127.0.0.1:${port}/health/live?token=${CANARY}`,
      agent: false,
      headers,
    });
    const [response] = (await once(sent.end(), 'response')) as [http.IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
    expect(await lineOf('whole-url')).toEqual(lineWith('whole-url', { method: 'GET', path: '/health/live', status: 200 }));
  });

  it('[AC6] is one JSON object a line, and holds no argument and no result', async () => {
    await post(gateway.url, '/v1/tools/create_task', { title: CANARY, assignees: [CANARY] });
    await post(gateway.url, '/v1/tools/search_tasks', { query: CANARY });
    await post(gateway.url, '/v1/tools/get_task', { task_id: CANARY });
    await post(gateway.url, '/v1/tools/create_task', { [CANARY]: 1 });
    await post(gateway.url, '/v1/tools/create_task', `{"title":"${CANARY}",}`);
    await get(gateway.url, '/health/live', { authorization: `Bearer ${CANARY}`, cookie: CANARY, 'x-correlation-id': 'after-canary' });
    await lineOf('after-canary');
    for (const line of gateway.stdout)
      expect(JSON.parse(line)).toEqual(expect.objectContaining({ level: expect.any(String), msg: expect.any(String) }));
    expect([...gateway.stdout, ...gateway.stderr].filter((line) => line.includes(CANARY))).toEqual([]);
  });
});

describe('mcpo_tool_calls_total', () => {
  const counted = async () => {
    const { text } = await get(gateway.url, '/metrics');
    return new Map(
      [...text.matchAll(/^mcpo_tool_calls_total(\{.*\}) (\d+)$/gm)].map(([, labels, value]) => [labels as string, Number(value)]),
    );
  };
  const movedBy = async (act: () => Promise<unknown>) => {
    const before = await counted();
    await act();
    return Object.fromEntries(
      [...(await counted())].map(([labels, value]) => [labels, value - (before.get(labels) ?? 0)]).filter(([, by]) => by !== 0),
    );
  };

  it.each([
    ['a result', 'list_plans', {}, '{server="default",tool="list_plans",outcome="result"}'],
    ['a refusal', 'get_task', { task_id: 'x' }, '{server="default",tool="get_task",outcome="tool_error"}'],
    ['arguments that do not fit', 'create_task', {}, '{server="default",tool="create_task",outcome="validation_error"}'],
    [
      "the server's judgement",
      'create_task',
      { title: 'a', plan_id: 'x' },
      '{server="default",tool="create_task",outcome="validation_error"}',
    ],
    ['an unknown tool', 'nothing', {}, '{server="",tool="",outcome="tool_not_found"}'],
  ])('[MON] moves by one for %s', async (_, tool, args, labels) => {
    expect(await movedBy(() => post(gateway.url, `/v1/tools/${tool}`, args))).toEqual({ [labels]: 1 });
  });

  it('[MON] stands still for what is no call', async () => {
    const act = async () => {
      await post(gateway.url, '/v1/tools/create_task', '{"title":}');
      await request(gateway.url, '/v1/tools/create_task', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' });
      await get(gateway.url, '/v1/tools/create_task');
    };
    expect(await movedBy(act)).toEqual({});
  });
});

it('[EP6][MON] the metrics are in the text format of Prometheus, with the times of both sides', async () => {
  await post(gateway.url, '/v1/tools/list_plans', {});
  const { status, headers, text } = await get(gateway.url, '/metrics');
  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
  for (const line of [
    'mcpo_translation_seconds_count ',
    'mcpo_upstream_seconds_count{server="default"} ',
    'mcpo_http_requests_total{method="POST",status="200"} ',
  ])
    expect(text).toContain(`\n${line}`);
});
