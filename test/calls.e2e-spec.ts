import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SendStep } from '../src/call/steps/send.step.js';
import { errorAnswer, get, jsonAnswer, post, request, told } from './support/exchange.ts';
import { type GatewayHere, startGatewayHere, stdioUpstream } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { ROOT } from './support/processes.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };
const MIB = 1024 * 1024;

function invalid(problems: { field: string; issue: string }[], message: string) {
  return errorAnswer(400, { type: 'validation_error', message, details: { ...problems[0], problems } });
}

const TITLE_REQUIRED = invalid([{ field: 'title', issue: 'required' }], 'Invalid params: title is required');
const NO_OBJECT = invalid([{ field: 'arguments', issue: 'must be an object' }], 'Invalid params: arguments: must be an object');

describe('calls of the planner', () => {
  let gateway: GatewayHere;
  const call = async (tool: string, body: unknown, headers?: Record<string, string>) =>
    told(await post(gateway.url, `/v1/tools/${tool}`, body, headers));

  beforeAll(async () => {
    gateway = await startGatewayHere();
    await allListed(gateway.url);
  });
  afterAll(() => gateway.close());

  describe('a body', () => {
    const args = { title: 'Review quarterly reports', due_date: '2025-10-15', plan_id: 'abc123' };

    it.each([
      ['the arguments', '/v1/tools/create_task', args],
      ['the envelope', '/v1/tools/create_task', { name: 'create_task', arguments: args }],
      ['the envelope at the common route', '/v1/tools', { name: 'create_task', arguments: args }],
      ['the envelope at the common route, with a trailing slash', '/v1/tools/', { name: 'create_task', arguments: args }],
    ])('[EP3][AC1][AC2][CALL] may be %s', async (_, route, body) => {
      const answer = told(await post(gateway.url, route, body));
      expect(answer).toEqual(jsonAnswer(answer.text));
      expect(JSON.parse(answer.text)).toEqual({
        id: expect.stringMatching(/^task_\d+$/),
        ...args,
        bucket_id: 'bucket_1',
        priority: 'medium',
        assignees: [],
        completed: false,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      });
    });

    it.each<[string, Record<string, string>, string | undefined]>([
      ['`{}`', JSON_HEADERS, '{}'],
      ['empty, with a JSON content type', JSON_HEADERS, undefined],
      ['empty, with a form content type', { 'content-type': 'application/x-www-form-urlencoded' }, undefined],
      ['empty, without a content type', {}, undefined],
    ])('[EP3] %s calls a tool without arguments (contract 5, 6, 7)', async (_, headers, body) => {
      for (const route of ['/v1/tools/list_plans', '/v1/tools/list_plans/']) {
        const answer = told(await request(gateway.url, route, { method: 'POST', headers, body }));
        expect(answer).toEqual(jsonAnswer(answer.text));
        expect(JSON.parse(answer.text)).toEqual({ plans: [{ id: 'abc123', title: 'Team plan', created_at: expect.any(String) }] });
      }
    });

    it('[EP3] with a byte order mark before it, as some programs write files, is read as without', async () => {
      const bare = await call('list_buckets', {});
      const marked = await request(gateway.url, '/v1/tools/list_buckets', { method: 'POST', headers: JSON_HEADERS, body: '\uFEFF{}' });
      expect({ status: marked.status, text: marked.text }).toEqual({ status: 200, text: bare.text });
      const broken = await request(gateway.url, '/v1/tools/list_buckets', { method: 'POST', headers: JSON_HEADERS, body: '\uFEFF{"a":}' });
      expect(broken.status).toBe(400);
      expect(broken.text).toContain('"The body is not valid JSON: expected a value at line 1, column 6."');
    });

    it('[EP3][S4] of another name than the path is no envelope', async () => {
      expect((await call('list_plans', { name: 'create_task', arguments: {} })).status).toBe(400);
    });

    it('[EP3][S4] with a third key beside the envelope is no envelope', async () => {
      expect((await call('list_plans', { name: 'list_plans', arguments: {}, extra: 1 })).status).toBe(400);
    });

    it.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/merge-patch+json'])(
      '[EP3] may call itself %s',
      async (type) => {
        expect((await call('list_buckets', {}, { 'content-type': type })).status).toBe(200);
      },
    );
  });

  describe('malformed JSON', () => {
    it.each<[string, number, number, string]>([
      ['{"a":}', 1, 6, 'expected a value'],
      ['{', 1, 2, 'expected a property name in double quotes or "}"'],
      ['{"a" 1}', 1, 6, 'expected ":"'],
      ['{"a":1,}', 1, 8, 'expected a property name in double quotes'],
      ['{"a":1\n "b":2}', 2, 2, 'expected "," or "}"'],
      ['{\r\n\r\n"a":tru}', 3, 5, 'expected a value'],
      ['[1,]', 1, 4, 'expected a value'],
      ['{"a":"x', 1, 8, 'expected the end of the string'],
      ['{"a":"\\x"}', 1, 7, 'expected a valid escape sequence'],
      ['{"a":"\t"}', 1, 7, 'expected a control character to be escaped'],
      ['{"é😀":}', 1, 7, 'expected a value'],
      ['{"a":"日本",\n"😀😀":nope}', 2, 6, 'expected a value'],
      ["{'a':1}", 1, 2, 'expected a property name in double quotes or "}"'],
      ['{"a":01}', 1, 7, 'expected "," or "}"'],
      ['{"a":NaN}', 1, 6, 'expected a value'],
      ['{"a":1} x', 1, 9, 'expected the end of the text'],
      ['nul', 1, 1, 'expected a value'],
      ['   ', 1, 4, 'expected a value'],
      ['\uFEFF\uFEFF{}', 1, 1, 'expected a value'],
    ])('[E10][E5] %j: line %i, column %i', async (body, line, column, problem) => {
      const message = `The body is not valid JSON: ${problem} at line ${line}, column ${column}.`;
      const expected = errorAnswer(400, { type: 'malformed_json', message, details: { line, column } });
      for (const route of ['/v1/tools/create_task', '/v1/tools']) expect(told(await post(gateway.url, route, body))).toEqual(expected);
    });

    it('[E10] says nothing of what the body holds', async () => {
      for (const body of ['{"token":"CANARY-7f3a",}', '{"CANARY-7f3a":CANARY-7f3a}', 'CANARY-7f3a', '{"a":1} CANARY-7f3a'])
        expect((await call('create_task', body)).text).not.toContain('CANARY');
    });

    it.each<[string, number, number]>([
      ['{"title":"a","title":"b"}', 1, 14],
      ['{"title":"a",\n "t\\u0069tle":"b"}', 2, 2],
      ['{"title":"a","assignees":[{"x":1},{"x":1,"x":1}]}', 1, 42],
      ['{"name":"create_task","name":"list_plans","arguments":{}}', 1, 23],
    ])('[E5][S4] a key twice in %j: line %i, column %i', async (body, line, column) => {
      const message = `The body is not valid JSON: a key that the same object has already at line ${line}, column ${column}.`;
      expect(await call('create_task', body)).toEqual(errorAnswer(400, { type: 'malformed_json', message, details: { line, column } }));
    });

    it.each([
      ['two bytes that begin nothing', '{"title":"', [0xff, 0xfe], 1, 11],
      ['a character cut short, after others of several bytes', '{"é\u{1f600}":1,\n"t":"', [0xe2, 0x82], 2, 6],
      ['a surrogate', '{"a":"', [0xed, 0xa0, 0x80], 1, 7],
      ['a lone first byte of the replacement character', '"', [0xef], 1, 2],
    ])('[E5][E10] that is not UTF-8: %s', async (_, before, bytes, line, column) => {
      const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from('"}')]);
      const message = `The body is not valid JSON: bytes that are not UTF-8 at line ${line}, column ${column}.`;
      expect(await call('create_task', body)).toEqual(errorAnswer(400, { type: 'malformed_json', message, details: { line, column } }));
    });
  });

  describe('what is no call', () => {
    it.each(['[]', '[{"title":"a"}]', '"title"', '1', 'true', 'null'])('[E5][S4] %s in place of an object', async (body) => {
      expect(await call('create_task', body)).toEqual(NO_OBJECT);
      expect(told(await post(gateway.url, '/v1/tools', body))).toEqual(NO_OBJECT);
    });

    it('[E5][S4] nesting of 65 levels, or of 200,000', async () => {
      const tooDeep = errorAnswer(400, { type: 'validation_error', message: 'The body is nested deeper than 64 levels.' });
      expect(await call('create_task', `{"title":${'['.repeat(64)}${']'.repeat(64)}}`)).toEqual(tooDeep);
      expect(await call('create_task', '['.repeat(200_000))).toEqual(tooDeep);
    });

    it.each([
      [
        '{}',
        [
          { field: 'name', issue: 'required' },
          { field: 'arguments', issue: 'required' },
        ],
        'name is required; arguments is required',
      ],
      ['{"name":"list_plans"}', [{ field: 'arguments', issue: 'required' }], 'arguments is required'],
      ['{"name":"","arguments":{}}', [{ field: 'name', issue: 'must not be empty' }], 'name: must not be empty'],
      ['{"name":7,"arguments":{}}', [{ field: 'name', issue: 'must be a string' }], 'name: must be a string'],
      ['{"name":"list_plans","arguments":[]}', [{ field: 'arguments', issue: 'must be an object' }], 'arguments: must be an object'],
    ])('[E5][S4] the envelope %s', async (body, problems, problem) => {
      expect(told(await post(gateway.url, '/v1/tools', body))).toEqual(invalid(problems, `Invalid params: ${problem}`));
    });

    it('[E5] an empty body at the common route', async () => {
      expect((await post(gateway.url, '/v1/tools', '')).text).toContain('name is required; arguments is required');
    });

    it('[S4] `__proto__` and `constructor` as keys pollute nothing', async () => {
      for (const body of ['{"title":"a","__proto__":{"polluted":1}}', '{"title":"a","constructor":{"prototype":{"polluted":1}}}'])
        expect((await call('create_task', body)).status).toBe(400);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    });
  });

  describe('a body that is not taken', () => {
    const TOO_LARGE = errorAnswer(413, {
      type: 'payload_too_large',
      message: 'The body is larger than 1048576 bytes.',
      details: { max_bytes: MIB },
    });

    it.each([
      ['chunked', { 'transfer-encoding': 'chunked' }],
      ['of a known length', { 'content-length': String(MIB + 1) }],
    ])('[S4] one byte over 1 MiB, %s: 413', async (_, headers) => {
      expect(await call('create_task', ' '.repeat(MIB + 1), headers)).toEqual(TOO_LARGE);
    });

    it('[S4] compressed: 415, whatever it would become', async () => {
      const message = 'Send the body uncompressed, not as "gzip".';
      const expected = errorAnswer(415, { type: 'unsupported_media_type', message });
      expect(await call('create_task', '{}', { 'content-encoding': 'gzip' })).toEqual(expected);
    });

    it.each<[string, Record<string, string>]>([
      ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
      ['text', { 'content-type': 'text/plain' }],
      ['JSON lines', { 'content-type': 'application/jsonl' }],
      ['nothing named', {}],
    ])('[S4] %s: 415', async (_, headers) => {
      const message = 'Send the body as JSON, with the header "Content-Type: application/json".';
      const answer = told(await request(gateway.url, '/v1/tools/create_task', { method: 'POST', headers, body: 'title=a' }));
      expect(answer).toEqual(errorAnswer(415, { type: 'unsupported_media_type', message }));
    });
  });

  describe('a name', () => {
    const unknown = (tool: string, closest: string[], hint: string) =>
      errorAnswer(404, { type: 'tool_not_found', message: `There is no tool "${tool}". ${hint}`, details: { tool, closest } });

    it('[EP3] that no tool has: 404 with the closest ones, at both routes', async () => {
      const expected = unknown('create_tsk', ['create_task'], 'Did you mean create_task?');
      expect(await call('create_tsk', {})).toEqual(expected);
      expect(told(await post(gateway.url, '/v1/tools', { name: 'create_tsk', arguments: {} }))).toEqual(expected);
    });

    it.each([
      ['%2e%2e%2f', '../'],
      ['a%2Fb', 'a/b'],
      ['x{y}', 'x{y}'],
      ['%2563', '%63'],
      ['__proto__', '__proto__'],
      ['constructor', 'constructor'],
      ['%F0%9F%98%80', '😀'],
    ])('[S4] %s is decoded once, and is no tool', async (written, tool) => {
      expect(await call(written, {})).toEqual(unknown(tool, [], 'GET /openapi.json lists them all.'));
    });

    it('[EP3] may be percent-encoded', async () => {
      expect((await call('%6cist_plans', {})).status).toBe(200);
    });

    it.each(['%zz', '%', '%E0%A4%A'])('[E5][S4] %s cannot be decoded: 400', async (written) => {
      const message = 'The request cannot be read: is its path percent-encoded well?';
      const expected = errorAnswer(400, { type: 'validation_error', message });
      expect(await call(written, {})).toEqual(expected);
      expect(told(await get(gateway.url, `/v1/tools/${written}`))).toEqual(expected);
    });

    it.each([
      ['POST', '/v1/tools/a/b'],
      ['POST', '/v1/nothing'],
      ['GET', '/api/config'],
    ])('[E5] %s %s leads nowhere: 404', async (method, route) => {
      const message = `There is nothing at ${method} ${route}. The tools are described at /openapi.json.`;
      expect(told(await request(gateway.url, route, { method }))).toEqual(errorAnswer(404, { type: 'not_found', message }));
    });
  });

  describe('a method that a path does not take', () => {
    const read = [
      '/openapi.json',
      '/v1/openapi.json',
      '/v1/errors',
      '/v1/servers',
      '/health',
      '/health/mcp',
      '/health/redis',
      '/health/openwebui',
      '/health/live',
      '/ready',
      '/metrics',
    ];
    const more = ['/gateway/openapi.json', '/planner/openapi.json', '/health/', '/v1/servers?x=1'];

    it.each<[string, string, string]>([
      ...[...read, ...more].flatMap((route): [string, string, string][] =>
        ['POST', 'DELETE'].map((method) => [method, route, 'GET, HEAD']),
      ),
      ['PUT', '/v1/tools', 'GET, HEAD, POST'],
      ['PATCH', '/v1/tools/create_task', 'GET, HEAD, POST'],
      ['DELETE', '/v1/tools/nothing', 'GET, HEAD, POST'],
      ['GET', '/create_task', 'POST'],
      ['GET', '/planner/create_task', 'POST'],
      ['HEAD', '/planner/create%5Ftask', 'POST'],
      ['PUT', '/planner/whatever', 'POST'],
    ])('[E5] %s %s: 405', async (method, route, allow) => {
      const [path = ''] = route.split('?');
      const details = { allow: allow.split(', ') };
      const message = `${path} does not take ${method}. Use ${allow}.`;
      const expected = errorAnswer(405, { type: 'method_not_allowed', message, details }, { allow });
      const headers = method === 'POST' ? { 'content-type': 'application/json' } : undefined;
      const answer = told(await request(gateway.url, route, { method, ...(headers && { headers, body: '{}' }) }));
      expect(answer).toEqual(method === 'HEAD' ? { ...expected, text: '' } : expected);
    });

    it.each(['/docs', '/planner/docs'])('[E5] POST %s: 405, with the headers of a page', async (route) => {
      const answer = await post(gateway.url, route, {});
      const expected = {
        type: 'method_not_allowed',
        message: `${route} does not take POST. Use GET, HEAD.`,
        details: { allow: ['GET', 'HEAD'] },
      };
      expect({ ...told(answer), headers: answer.headers['allow'] }).toEqual({ ...errorAnswer(405, expected), headers: 'GET, HEAD' });
    });

    it.each(['/nothing', '/nothing/openapi.json', '/planner/a/b', '/v1', '/health/nothing'])('[E5] is 404 at %s', async (route) => {
      const message = `There is nothing at DELETE ${route}. The tools are described at /openapi.json.`;
      expect(told(await request(gateway.url, route, { method: 'DELETE' }))).toEqual(errorAnswer(404, { type: 'not_found', message }));
    });
  });

  describe('an answer', () => {
    it('[AC3][E5] to arguments that do not fit is the documented example', async () => {
      expect(await call('create_task', {})).toEqual(TITLE_REQUIRED);
      expect(await call('create_task', { name: 'create_task', arguments: {} })).toEqual(TITLE_REQUIRED);
    });

    it('[AC3][E5] keeps what the server found wrong with an argument', async () => {
      const problem = { field: 'plan_id', issue: 'no plan has this id' };
      const details = { ...problem, problems: [problem] };
      const message = 'Invalid params: plan_id: no plan has this id';
      expect(await call('create_task', { title: 'a', plan_id: 'nope' })).toEqual(
        errorAnswer(400, { type: 'validation_error', message, details }),
      );
    });

    it('[AC3] of a tool that says no is 422 with its words', async () => {
      const expected = errorAnswer(422, { type: 'tool_error', message: 'There is no task "task_999".' });
      expect(await call('get_task', { task_id: 'task_999' })).toEqual(expected);
    });

    it('[AC2] of a chart is the report and the image (contract 7, 8)', async () => {
      const answer = await call('plan_report', {});
      const [report, image, ...more] = JSON.parse(answer.text) as [Record<string, unknown>, string];
      expect(answer).toEqual(jsonAnswer(answer.text));
      expect(more).toEqual([]);
      expect(report).toMatchObject({
        plan_id: 'abc123',
        title: 'Team plan',
        by_priority: expect.any(Object),
        by_bucket: expect.any(Array),
      });
      const [prefix, data] = image.split(',') as [string, string];
      expect(prefix).toBe('data:image/png;base64');
      expect(Buffer.from(data, 'base64').subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
    });

    it('[AC2] is the whole CallToolResult for who accepts application/vnd.mcp+json', async () => {
      const answer = await call('list_buckets', {}, { accept: 'application/vnd.mcp+json' });
      const structuredContent = {
        buckets: [
          { id: 'bucket_1', plan_id: 'abc123', title: 'To do' },
          { id: 'bucket_2', plan_id: 'abc123', title: 'In progress' },
        ],
      };
      expect(answer).toEqual(jsonAnswer(answer.text, 'application/vnd.mcp+json'));
      expect(JSON.parse(answer.text)).toEqual({ content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent });
    });
  });

  it('[E6] an internal failure is 500, general, and logged whole under the correlation id', async () => {
    const logged: unknown[] = [];
    gateway.app.useLogger({ log: () => undefined, warn: () => undefined, error: (entry: unknown) => logged.push(entry) });
    const inside = new Error('CANARY: connect to db://admin:secret@10.0.0.7 failed in /srv/app/inside.js');
    const step = jest.spyOn(gateway.app.get(SendStep), 'run').mockRejectedValue(inside);
    const answer = await call('list_plans', {});
    step.mockRestore();
    const message = 'The gateway failed. The log has more under this correlation id.';
    expect(answer).toEqual(errorAnswer(500, { type: 'internal_error', message }));
    expect(logged).toEqual([{ msg: 'unexpected failure', correlation_id: 'test-id', err: inside }]);
    expect((await call('list_plans', {})).status).toBe(200);
  });
});

describe('calls of odd tools', () => {
  let gateway: GatewayHere;
  const call = async (tool: string, body: unknown, headers?: Record<string, string>) =>
    told(await post(gateway.url, `/v1/tools/${tool}`, body, headers));

  beforeAll(async () => {
    gateway = await startGatewayHere({}, [stdioUpstream(`${ROOT}/test/support/servers/odd-tools.ts`)]);
    await allListed(gateway.url);
  });
  afterAll(() => gateway.close());

  it('[EP3] a tool with both keys of the envelope gets them as its arguments', async () => {
    const body = '{"name":"letter","arguments":{"a":1}}';
    expect(await call('letter', body)).toEqual(jsonAnswer(body));
  });

  it('[EP3] the common route takes the envelope off such a tool, too', async () => {
    const args = '{"name":"Ann","arguments":{"b":2}}';
    expect(told(await post(gateway.url, '/v1/tools', `{"name":"letter","arguments":${args}}`))).toEqual(jsonAnswer(args));
  });

  it('[E5][S4] all problems are told, the first one by itself', async () => {
    const problems = [
      { field: 'a', issue: 'required' },
      { field: 'b', issue: 'required' },
    ];
    expect(await call('pair', {})).toEqual(invalid(problems, 'Invalid params: a is required; b is required'));
  });

  it("[AC3] the server's -32602 is the documented example", async () => {
    const expected = {
      type: 'validation_error',
      message: 'Invalid params: title is required',
      details: { field: 'title', issue: 'required', problems: [{ field: 'title', issue: 'required' }] },
    };
    expect(await call('strict_inside', {})).toEqual(errorAnswer(400, expected));
  });

  it('[AC3] a fault of the server is 502 with its code, words and data', async () => {
    const expected = { type: 'upstream_error', message: 'The disk is full', details: { code: -32603, data: { disk: 'sda' } } };
    expect(await call('broken', {})).toEqual(errorAnswer(502, expected));
  });

  it('[AC3] a refusal keeps all of its text', async () => {
    const message = 'Not on a "Sunday":\n\tcome back tomorrow, ü.\nBye.';
    expect(await call('no', {})).toEqual(errorAnswer(422, { type: 'tool_error', message }));
  });

  it('[AC2] words are a JSON string, and plain text for who accepts that', async () => {
    expect(await call('words', {})).toEqual(jsonAnswer('"Hello, \\"world\\"\\n"'));
    expect(await call('words', {}, { accept: 'text/plain' })).toEqual(jsonAnswer('Hello, "world"\n', 'text/plain; charset=utf-8'));
  });

  it('[AC7][AC1] a tool of any name has a legal one, and is called by its own', async () => {
    const { tools } = JSON.parse((await get(gateway.url, '/v1/tools?format=mcp')).text) as {
      tools: { name: string; description: string }[];
    };
    const { name } = tools.find(({ description }) => description === 'The tool naïve/π tool.') as { name: string };
    expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(await call(name, {})).toEqual(jsonAnswer('{"called":"naïve/π tool"}'));
  });
});

describe('what goes over the wire', () => {
  let gateway: GatewayHere;
  let folder: string;
  const call = (tool: string, body: string) => post(gateway.url, `/v1/tools/${tool}`, body);
  const lastLine = () => readFileSync(path.join(folder, 'calls'), 'utf8').trimEnd().split('\n').at(-1) as string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'calls-'));
    gateway = await startGatewayHere({}, [stdioUpstream(`${ROOT}/test/support/servers/raw-echo.ts`, [path.join(folder, 'calls')])]);
    await allListed(gateway.url);
  });
  afterAll(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true });
  });

  it('[CALL][AC1] is one tools/call with the same name and arguments', async () => {
    const body = '{"name":"record","arguments":{"title":"Review quarterly reports","due_date":"2025-10-15","plan_id":"abc123"}}';
    expect(told(await post(gateway.url, '/v1/tools', body))).toEqual(jsonAnswer('"recorded"'));
    const { params, ...message } = JSON.parse(lastLine()) as { params: Record<string, unknown>; id: string };
    expect(message).toEqual({ jsonrpc: '2.0', method: 'tools/call', id: expect.stringMatching(/^req_\d+$/) });
    expect(params).toEqual({
      ...(JSON.parse(body) as object),
      _meta: { progressToken: message.id, 'io.mcpo-proxy/correlation-id': 'test-id' },
    });
  });

  it.each([
    ['numbers beyond 2^53, 1.0 and 1e400', '{"big":12345678901234567890,"one":1.0,"huge":1e400,"small":-0.0E-7}'],
    ['the order of keys', '{"b":1,"a":2,"10":3,"9":4}'],
    ['escapes, and characters as they are', '{"\\u00e9":"\\/ é 😀 \\ud83d\\ude00"}'],
    ['blanks', '{ "a" :\t[ 1 ,2 ] }'],
    ['`__proto__` as data', '{"__proto__":{"polluted":1},"constructor":null}'],
    ['62 levels', `{"a":${'['.repeat(61)}${']'.repeat(61)}}`],
  ])('[CALL] keeps %s', async (_, args) => {
    for (const body of [args, `{"name":"record","arguments":${args}}`]) {
      expect(told(await call('record', body))).toEqual(jsonAnswer('"recorded"'));
      expect(lastLine()).toContain(`"params":{"name":"record","arguments":${args},"_meta":`);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('[CALL] writes line breaks between tokens as blanks: a message is one line', async () => {
    await call('record', '{\n  "a": 1,\r\n  "b": "x\\ny"\n}');
    expect(lastLine()).toContain('"arguments":{   "a": 1,    "b": "x\\ny" },"_meta":');
  });

  it('[CALL][S4] takes 64 levels', async () => {
    expect(told(await call('record', `{"a":${'['.repeat(63)}${']'.repeat(63)}}`))).toEqual(jsonAnswer('"recorded"'));
  });

  it('[CALL][S4] takes a body of exactly 1 MiB', async () => {
    const args = `{"a":"${'x'.repeat(MIB - 8)}"}`;
    expect(told(await call('record', args))).toEqual(jsonAnswer('"recorded"'));
    expect(lastLine()).toContain(`"arguments":${args},"_meta":`);
  });

  it('[AC2] keeps every byte of a structured result', async () => {
    const text = '{"b": 12345678901234567890, "a":1.0,"c":1e400 ,"\\u00e9":"\\/"}';
    expect(told(await call('numbers', '{}'))).toEqual(jsonAnswer(text));
  });
});
