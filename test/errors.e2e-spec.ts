import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { newContext } from '../src/correlation/request-context.js';
import { RecentErrors } from '../src/metrics/recent-errors.js';
import { closesAfterEach } from './support/ends.ts';
import { errorAnswer, get, ID, post, told } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { RawMcpServer, toolOf } from './support/raw-mcp-server.ts';
import { temporaryFolder } from './support/recorded.ts';
import { untilPublished } from './support/tool-requests.ts';

const closing = closesAfterEach();
const folder = temporaryFolder();
const CANARY = 'CANARY-7d1f';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;

describe('GET /v1/errors', () => {
  /** A server whose tool `work` fails with a text, and whose tool `crash` is an error of the server. */
  const start = async (environment: Readonly<Record<string, string>> = {}) => {
    const server = closing(
      await RawMcpServer.start({
        tools: ['work', 'crash'].map((name) => toolOf(name)),
        on: {
          'tools/call': (exchange) =>
            exchange.message.params?.name === 'crash'
              ? exchange.send(500, CANARY)
              : exchange.result({ isError: true, content: [{ type: 'text', text: CANARY }] }),
        },
      }),
    );
    const gateway = closing(await startGatewayHere(environment, [httpUpstream(server.url, { name: 'raw' })], { naming: 'bare' }));
    await untilPublished(gateway, 'work');
    return gateway;
  };
  const errorsOf = async ({ url }: GatewayHere, headers = {}) => {
    const { status, headers: given, text } = await get(url, '/v1/errors', headers);
    expect([status, given]).toEqual([
      200,
      { 'x-correlation-id': ID, 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    ]);
    expect(text).not.toContain(CANARY);
    return JSON.parse(text) as { since: string; errors: { type: string; count: number; correlation_ids: string[] }[] };
  };

  it('[MON] counts errors by type, tool and server, the last first, with the ids of the last five', async () => {
    const gateway = await start();
    expect(await errorsOf(gateway)).toEqual({ since: TIME, errors: [] });
    for (let index = 1; index <= 7; index += 1) {
      const answer = await post(gateway.url, '/v1/tools/work', { secret: CANARY }, { 'x-correlation-id': `work-${index}` });
      expect(answer.status).toBe(422);
    }
    await post(gateway.url, '/v1/tools/crash', {}, { 'x-correlation-id': 'crash-1' });
    await get(gateway.url, `/nothing/there?key=${CANARY}`, { 'x-correlation-id': 'path-1' });
    const { errors } = await errorsOf(gateway);
    expect(errors).toEqual([
      { type: 'not_found', count: 1, first_at: TIME, last_at: TIME, correlation_ids: ['path-1'] },
      {
        type: expect.any(String) as string,
        tool: 'crash',
        server: 'raw',
        count: 1,
        first_at: TIME,
        last_at: TIME,
        correlation_ids: ['crash-1'],
      },
      {
        type: 'tool_error',
        tool: 'work',
        server: 'raw',
        count: 7,
        first_at: TIME,
        last_at: TIME,
        correlation_ids: ['work-3', 'work-4', 'work-5', 'work-6', 'work-7'],
      },
    ]);
  });

  it('[S1] is for admins, who see the servers that they may use', async () => {
    const file = path.join(folder(), 'keys.json');
    const keys = [
      { name: 'user', key: 'key-of-user' },
      { name: 'admin', key: 'key-of-admin', role: 'admin' },
      { name: 'half', key: 'key-of-half', role: 'admin', servers: { deny: ['raw'] } },
    ];
    writeFileSync(file, JSON.stringify({ keys }));
    const gateway = await start({ API_KEYS_FILE: file });
    const as = (name: string) => ({ authorization: `Bearer key-of-${name}` });
    await post(gateway.url, '/v1/tools/work', {}, as('user'));
    const message = 'Only callers with the role "admin" may see this: give the key this role in API_KEYS_FILE, or use a token that has it.';
    expect(told(await get(gateway.url, '/v1/errors', as('user')))).toEqual(errorAnswer(403, { type: 'permission_error', message }));
    expect((await get(gateway.url, '/v1/errors')).status).toBe(401);
    const typesFor = async (name: string) => (await errorsOf(gateway, as(name))).errors.map(({ type }) => type);
    expect(await typesFor('admin')).toEqual(['authentication_error', 'permission_error', 'tool_error']);
    expect(await typesFor('half')).toEqual(['authentication_error', 'permission_error']);
  });

  it('[MON] holds 500 kinds at the most, and forgets the one that came last the longest ago', () => {
    const recent = new RecentErrors();
    const note = (tool: string) => recent.note({ ...newContext(undefined, '127.0.0.1'), errorType: 'tool_error', tool, upstream: 'raw' });
    for (let index = 0; index < 500; index += 1) note(`tool-${index}`);
    note('tool-0');
    note('one more');
    const tools = recent.list().map(({ tool }) => tool);
    expect([tools.length, tools[0], tools[1], tools.includes('tool-1')]).toEqual([500, 'one more', 'tool-0', false]);
  });
});
