import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { closesAfterEach } from './support/ends.ts';
import { get, post, request, told } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { headersOf, refusal, waitOf } from './support/limit-answers.ts';
import { startGateway } from './support/processes.ts';
import { RawMcpServer, toolOf } from './support/raw-mcp-server.ts';
import { temporaryFolder } from './support/recorded.ts';
import { countedEvents, loggedEvents } from './support/security-events.ts';
import { untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const TOOL = '/v1/tools/list_plans';
const folder = temporaryFolder();

describe('limits on calls', () => {
  let gateway: GatewayHere;
  afterEach(() => gateway.close());

  it('[P3][E4][S3][AC9] of 200 calls at once exactly 100 pass; the others are told what to wait for, in headers and body', async () => {
    await serve({ RATE_LIMIT_CLIENT: '100' });
    const answers = await Promise.all(Array.from({ length: 200 }, () => call()));
    const passed = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 429);
    expect([passed.length, refused.length]).toEqual([100, 100]);
    expect(new Set(passed.map(({ limits }) => limits['x-ratelimit-remaining']))).toEqual(
      new Set(Array.from({ length: 100 }, (_, used) => String(used))),
    );
    for (const answer of passed) expect(answer.limits).toEqual(headersOf('client', 100, answer));
    for (const answer of refused) {
      const seconds = waitOf(answer);
      const message = `You may make 100 calls in 60 s, and have made them: try again in ${seconds} s.`;
      expect(told(answer)).toEqual(refusal({ scope: 'client', limit: 100 }, message, seconds));
      expect(answer.limits).toEqual({
        ...headersOf('client', 100, answer),
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': `${seconds}`,
      });
    }
  });

  it('[P3][E4][S3] the limit of the whole system holds for all together, and is named', async () => {
    await serve({ RATE_LIMIT_SYSTEM: '3', API_KEYS: 'a:key-of-caller-a,b:key-of-caller-b' });
    expect([await statusOf('a'), await statusOf('b'), await statusOf('a')]).toEqual([200, 200, 200]);
    const answer = await call({ authorization: 'Bearer key-of-caller-b' });
    const seconds = waitOf(answer);
    const message = `The gateway takes 3 calls in 60 s from all clients together, and has taken them: try again in ${seconds} s.`;
    expect(told(answer)).toEqual(refusal({ scope: 'system', limit: 3 }, message, seconds));
    expect(answer.limits).toEqual(headersOf('system', 3, answer));
  });

  it('[P3] two keys have a limit each; a key or a role may have one of its own', async () => {
    const file = path.join(folder(), 'keys.json');
    const entry = (name: string, more: object) => ({ name, sha256: hash('sha256', `key-of-caller-${name}`), ...more });
    writeFileSync(
      file,
      JSON.stringify([entry('a', {}), entry('b', {}), entry('c', { rateLimit: 3, role: 'admin' }), entry('d', { role: 'admin' })]),
    );
    await serve({ RATE_LIMIT_CLIENT: '1', RATE_LIMIT_ROLES: 'admin:2', API_KEYS_FILE: file });
    const statuses: Record<string, number[]> = { a: [], b: [], c: [], d: [] };
    for (let round = 0; round < 4; round += 1) for (const [name, seen] of Object.entries(statuses)) seen.push(await statusOf(name));
    expect(statuses).toEqual({ a: [200, 429, 429, 429], b: [200, 429, 429, 429], c: [200, 200, 200, 429], d: [200, 200, 429, 429] });
    const answer = await call({ authorization: 'Bearer key-of-caller-d' });
    const seconds = waitOf(answer);
    const message = `Your role may make 2 calls in 60 s, and you have made them: try again in ${seconds} s.`;
    expect(told(answer)).toEqual(refusal({ scope: 'role', limit: 2 }, message, seconds));
    expect(answer.limits).toEqual(headersOf('role', 2, answer));
  });

  it('[P3] two users behind one key have a limit each, by their roles', async () => {
    const file = path.join(folder(), 'keys.json');
    writeFileSync(file, JSON.stringify([{ name: 'a', key: 'key-of-caller-a', trustUserHeaders: true }]));
    await serve({ RATE_LIMIT_CLIENT: '1', RATE_LIMIT_ROLES: 'admin:2', API_KEYS_FILE: file, API_KEYS: 'b:key-of-caller-b' });
    const as = async (id: string, role: string, name = 'a') => {
      const user = { 'x-openwebui-user-id': id, 'x-openwebui-user-role': role };
      return (await call({ authorization: `Bearer key-of-caller-${name}`, ...user })).status;
    };
    expect([await as('1', 'user'), await as('1', 'user'), await as('2', 'user'), await statusOf('a')]).toEqual([200, 429, 200, 200]);
    expect([await as('3', 'admin'), await as('3', 'admin'), await as('3', 'admin')]).toEqual([200, 200, 429]);
    // A key that is not trusted with users' names cannot make some up.
    expect([await as('4', 'admin', 'b'), await as('5', 'admin', 'b')]).toEqual([200, 429]);
  });

  it('[P3] every way to call counts once, a tool that is not there too; what was refused for its key or its form does not', async () => {
    await serve({ RATE_LIMIT_CLIENT: '5', API_KEYS: 'a:key-of-caller-a' });
    const key = { authorization: 'Bearer key-of-caller-a' };
    for (let stranger = 0; stranger < 6; stranger += 1) expect((await call()).status).toBe(401);
    expect((await post(gateway.url, TOOL, 'x', { ...key, 'content-type': 'text/plain' })).status).toBe(415);
    const ways: [string, unknown, number][] = [
      [TOOL, {}, 200],
      ['/v1/tools', { name: 'list_plans', arguments: {} }, 200],
      ['/planner/list_plans', {}, 200],
      ['/list_plans', {}, 200],
      ['/v1/tools/no_such_tool', {}, 404],
    ];
    for (const [index, [at, body, status]] of ways.entries()) {
      const answer = await post(gateway.url, at, body, key);
      expect([at, answer.status, answer.limits['x-ratelimit-remaining']]).toEqual([at, status, String(4 - index)]);
    }
    for (const [at, body] of ways) expect((await post(gateway.url, at, body, key)).status).toBe(429);
  });

  it('[P3] documents, health, metrics and the list of servers are not counted', async () => {
    await serve({ RATE_LIMIT_CLIENT: '1' });
    expect([(await call()).status, (await call()).status]).toEqual([200, 429]);
    const paths = [
      '/openapi.json',
      '/v1/tools',
      '/v1/tools/list_plans',
      '/planner/openapi.json',
      '/v1/servers',
      '/health',
      '/ready',
      '/metrics',
    ];
    for (const at of [...paths, '/docs/']) {
      const { status, limits } = await get(gateway.url, at);
      expect([at, status, limits]).toEqual([at, 200, {}]);
    }
  });

  it('[S3] addresses that a caller makes up are not believed', async () => {
    await serve({ RATE_LIMIT_CLIENT: '100' });
    const answers = [];
    for (let made = 0; made < 101; made += 1) answers.push(await call({ 'x-forwarded-for': `192.0.2.${made}` }));
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(100).fill(200), 429]);
  });

  it('[S3] those that a trusted proxy tells are: the last one, whatever the caller wrote before it', async () => {
    await serve({ RATE_LIMIT_CLIENT: '1', TRUST_PROXY: 'loopback' });
    const from = async (addresses: string) => (await call({ 'x-forwarded-for': addresses })).status;
    expect([await from('192.0.2.1'), await from('192.0.2.2'), await from('192.0.2.2'), await from('192.0.2.9, 192.0.2.2')]).toEqual([
      200, 200, 429, 429,
    ]);
    // One network of IPv6 is one caller.
    expect([await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8:0:1::1')]).toEqual([200, 429, 200]);
  });

  async function serve(environment: Readonly<Record<string, string>>): Promise<void> {
    gateway = await startGatewayHere(environment);
    await until('the planner is listed', async () => (await request(gateway.url, '/ready')).status === 200);
  }

  const call = (headers?: Readonly<Record<string, string>>) => post(gateway.url, TOOL, {}, headers);
  const statusOf = async (name: string) => (await call({ authorization: `Bearer key-of-caller-${name}` })).status;
});

describe('a limit of one tool', () => {
  const closing = closesAfterEach();

  it('[P3][E4] holds for each client, whatever its way to the tool, beside the other limits', async () => {
    const server = closing(await RawMcpServer.start({ tools: [toolOf('work'), toolOf('wait'), toolOf('play')] }));
    const toolLimits = [
      { pattern: '*', limit: 3 },
      { pattern: 'w*', limit: 2 },
    ];
    const keys = { API_KEYS: 'a:key-of-caller-a,b:key-of-caller-b', RATE_LIMIT_CLIENT: '20' };
    const gateway = closing(await startGatewayHere(keys, [httpUpstream(server.url, { toolLimits })]));
    await untilPublished(gateway, 'work');
    const call = (at: string, name = 'a') => post(gateway.url, at, {}, { authorization: `Bearer key-of-caller-${name}` });
    const statuses = async (paths: readonly string[], name?: string) => {
      const seen = [];
      for (const at of paths) seen.push((await call(at, name)).status);
      return seen;
    };
    expect(await statuses(['/v1/tools/work', '/default/work', '/work'])).toEqual([200, 200, 429]);
    expect(await statuses(['/v1/tools/wait', '/v1/tools/wait', '/v1/tools/wait'])).toEqual([200, 200, 429]);
    expect(await statuses(Array<string>(4).fill('/v1/tools/play'))).toEqual([200, 200, 200, 429]);
    expect(await statuses(Array<string>(3).fill('/v1/tools/work'), 'b')).toEqual([200, 200, 429]);
    const answer = await call('/v1/tools/work');
    const seconds = waitOf(answer);
    const message = `You may call "work" 2 times in 60 s, and have done so: try again in ${seconds} s.`;
    expect(told(answer)).toEqual(refusal({ scope: 'tool', limit: 2 }, message, seconds));
    expect(answer.limits).toEqual(headersOf('tool', 2, answer));
    expect((await call('/v1/tools/nothing')).limits['x-ratelimit-remaining']).toBe('8');
  });
});

describe('the operator', () => {
  it('[S5] is told of a caller at its third refusal within a minute, once', async () => {
    const gateway = await startGateway({ env: { RATE_LIMIT_CLIENT: '1', TRUST_PROXY: '1' } });
    try {
      const from = async (address: string) => (await post(gateway.url, TOOL, {}, { 'x-forwarded-for': address })).status;
      await from('192.0.2.1');
      for (const address of ['192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.2', '192.0.2.2']) await from(address);
      expect(await countedEvents(gateway.url)).toEqual({});
      for (let more = 0; more < 5; more += 1) expect(await from('192.0.2.1')).toBe(429);
      expect(await countedEvents(gateway.url)).toEqual({ rate_limited: 1 });
      await until('the event is logged', () => loggedEvents(gateway).length > 0);
      expect(loggedEvents(gateway)).toEqual([{ level: 'warn', reason: 'rate_limited', correlation_id: 'test-id', client: '192.0.2.1' }]);
    } finally {
      await gateway.stop();
    }
  });

  it('[P3] is warned once that Open WebUI does not tell its users apart', async () => {
    const gateway = await startGateway();
    try {
      const warnings = () => gateway.stdout.filter((line) => line.includes('"msg":"users share a limit"'));
      await post(gateway.url, TOOL, {}, { 'user-agent': 'curl/8' });
      // Found directly, by the router, and in another module.
      for (const at of [TOOL, `${TOOL}?`, TOOL.replace('/v1/tools', '')])
        await post(gateway.url, at, {}, { 'user-agent': 'Python/3.11 aiohttp/3.13.2' });
      await until('four calls are logged', () => gateway.stdout.filter((line) => line.includes('"msg":"request"')).length >= 4);
      expect(warnings()).toHaveLength(1);
      expect(warnings()[0]).toContain('ENABLE_FORWARD_USER_INFO_HEADERS=true');
    } finally {
      await gateway.stop();
    }
  });
});
