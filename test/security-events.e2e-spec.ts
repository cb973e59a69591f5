import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { errorAnswer, type Exchange, ID, post, request, told } from './support/exchange.js';
import { type RunningProcess, startGateway } from './support/processes.js';
import { temporaryFolder } from './support/recorded.js';
import { countedEvents, loggedEvents } from './support/security-events.js';
import { until } from './support/until.js';

const CANARY = 'CANARY-55ab-key';
const TOOL = '/v1/tools/list_plans';
const folder = temporaryFolder();

/** The status of a call whose headers go out as they stand here, names and values in turn. */
function statusOf(url: string, headers: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = http.request(url + TOOL, { method: 'POST', agent: false, headers: [...headers, 'Host', new URL(url).host] });
    sent.on('error', reject).on('response', (response) => resolve(response.resume().statusCode));
    sent.end();
  });
}

describe('security events', () => {
  let gateway: RunningProcess;

  beforeEach(async () => {
    const file = path.join(folder(), 'keys.json');
    writeFileSync(file, JSON.stringify([{ name: 'reports', sha256: hash('sha256', 'key-of-reports') }]));
    gateway = await startGateway({ env: { API_KEYS: 'open-webui:key-of-open-webui', API_KEYS_FILE: file } });
    await until('the planner is listed', async () => (await request(gateway.url, '/ready')).status === 200);
  });
  afterEach(() => gateway.stop());

  it('[S5][E3][S6] tell each failure of authentication in log and metrics, with correlation id and address, without the token', async () => {
    for (const authorization of ['', `Basic ${CANARY}`, `Bearer ${CANARY}`]) expect((await call(authorization)).status).toBe(401);
    for (const key of ['key-of-open-webui', 'key-of-reports']) expect((await call(`Bearer ${key}`)).status).toBe(200);
    const reasons = ['auth_missing', 'auth_malformed', 'auth_unknown_key'];
    const events = reasons.map((reason) => ({ level: 'warn', reason, correlation_id: ID, client: '127.0.0.1' }));
    await until('the events are logged', () => loggedEvents(gateway).length >= 3);
    expect(loggedEvents(gateway)).toEqual(events);
    expect(await countedEvents(gateway.url)).toEqual(Object.fromEntries(reasons.map((reason) => [reason, 1])));
    expect(gateway.stdout.join('\n')).not.toContain('CANARY');
    const served = () =>
      gateway.stdout
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ path: at, status }) => at === TOOL && status === 200);
    await until('both calls are logged', () => served().length >= 2);
    expect(served().map(({ principal }) => principal)).toEqual(['open-webui', 'reports']);
  });

  it('[S5] two Authorization headers are refused, whatever they say, and told', async () => {
    const good = 'Bearer key-of-open-webui';
    expect(await statusOf(gateway.url, ['Authorization', good])).toBe(200);
    expect(await statusOf(gateway.url, ['Authorization', good, 'authorization', good])).toBe(400);
    expect(await statusOf(gateway.url, ['AUTHORIZATION', 'Bearer other', 'X-Correlation-Id', 'two', 'Authorization', good])).toBe(400);
    await until('the events are logged', () => loggedEvents(gateway).length >= 2);
    expect(loggedEvents(gateway).map(({ reason }) => reason)).toEqual(['duplicate_authorization', 'duplicate_authorization']);
    expect(loggedEvents(gateway)[1]?.correlation_id).toBe('two');
    expect(await countedEvents(gateway.url)).toEqual({ duplicate_authorization: 2 });
  });

  it('[E3][S5] refusals of an address that tries one key after another take longer, and say the same; a valid key is served at once', async () => {
    const answers = [];
    for (let failure = 1; failure <= 5; failure += 1) answers.push(await call(`Bearer ${CANARY}-${failure}`));
    const started = performance.now();
    const slowed = [6, 7, 8, 9, 10, 11].map((failure) => call(`Bearer ${CANARY}-${failure}`));
    const ofSlowed = Promise.all(slowed).then((all) => ({ all, tookMs: performance.now() - started }));
    const served = call('Bearer key-of-reports').then(({ status }) => status);
    expect(await Promise.race([served, ofSlowed])).toBe(200);
    const { all, tookMs } = await ofSlowed;
    expect(tookMs).toBeGreaterThan(1_900);
    for (const answer of all) expect(told(answer)).toEqual(told(answers[0] as Exchange));
  });

  it('[S5] an id that could break a log line is replaced: one event, one line', async () => {
    const answer = await request(gateway.url, TOOL, { method: 'POST', headers: { 'x-correlation-id': 'a {"msg":"security_event"}' } });
    expect(answer.status).toBe(401);
    await until('the event is logged', () => loggedEvents(gateway).length > 0);
    expect(loggedEvents(gateway)).toEqual([
      { level: 'warn', reason: 'auth_missing', correlation_id: answer.headers['x-correlation-id'], client: '127.0.0.1' },
    ]);
    expect(answer.headers['x-correlation-id']).toMatch(/^[\da-f-]{36}$/);
  });

  const call = (authorization: string) => post(gateway.url, TOOL, {}, { authorization });
});

describe('--strict-auth', () => {
  it('[E3][S5] answers 401 for documents and calls alike, once told each', async () => {
    const gateway = await startGateway({ args: ['--strict-auth'], env: { API_KEYS: 'key-of-open-webui' } });
    try {
      const message = 'Authentication failed: send a valid API key or token as "Authorization: Bearer ...".';
      const refused = errorAnswer(401, { type: 'authentication_error', message }, { 'www-authenticate': 'Bearer' });
      expect(told(await request(gateway.url, '/openapi.json'))).toEqual(refused);
      expect(told(await post(gateway.url, TOOL, {}))).toEqual(refused);
      expect(await countedEvents(gateway.url)).toEqual({ auth_missing: 2 });
      await until('the gateway is ready', async () => (await request(gateway.url, '/ready')).status === 200);
      const open = ['/health', '/HEALTH', '/health/live', '/health/mcp', '/health/redis', '/health/openwebui/', '/ready/', '/metrics?x'];
      for (const path of open) expect([path, (await request(gateway.url, path)).status]).toEqual([path, 200]);
      for (const path of ['/health/../openapi.json', '/healthx', '/health/x', '/metrics/x', '/docs/', '/gateway/openapi.json'])
        expect([path, (await request(gateway.url, path)).status]).toEqual([path, 401]);
    } finally {
      await gateway.stop();
    }
  });
});
