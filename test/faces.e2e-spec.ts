import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { closesAfterEach } from './support/ends.js';
import { ALL_FACES, startAllFaces, type Told } from './support/faces/faces.js';
import { httpUpstream } from './support/gateway.js';
import { type Exchange, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';

const DONE = { type: 'result', value: textResult('done') };
const TOKEN = 'x-teams-auth-token';
const as = (key: string) => ({ headers: { authorization: `Bearer key-of-${key}` } });
const withToken = (token: string) => ({ headers: { [TOKEN]: token } });

/** Whatever the face, a call is the same: HTTP beside a face that is made for these tests, at one gateway. */
describe.each(ALL_FACES)('a call over %s', (face) => {
  const closing = closesAfterEach();
  const folder = temporaryFolder();

  const keysFile = (keys: unknown) => {
    const file = path.join(folder(), 'keys.json');
    writeFileSync(file, JSON.stringify(keys));
    return { API_KEYS_FILE: file };
  };
  /** What it says but for what is left of the limits, which all outcomes tell (faces-limits.e2e-spec.ts). */
  const told = async (call: Promise<Told>) => ({ ...(await call), limits: undefined });

  describe('[S1] its key', () => {
    it('lets the tool run if it is right, and only then', async () => {
      const server = closing(await RawMcpServer.start());
      const served = closing(await startAllFaces({ API_KEYS: 'ann:key-of-ann' }, [httpUpstream(server.url)]));
      const caller = served.as(face);
      const refused = {
        type: 'authentication_error',
        message: 'Authentication failed: send a valid API key or token as "Authorization: Bearer ...".',
      };
      expect(await caller.call('work')).toEqual(refused);
      expect(await caller.call('work', {}, as('bob'))).toEqual(refused);
      expect(server.received('tools/call')).toEqual([]);
      expect(await told(caller.call('work', {}, as('ann')))).toEqual(DONE);
      expect(server.received('tools/call')).toHaveLength(1);
    });
  });

  describe('[S1] what its caller may use', () => {
    const KEYS = {
      keys: [
        { name: 'reader', key: 'key-of-reader', role: 'reader' },
        { name: 'admin', key: 'key-of-admin' },
      ],
      roles: { reader: { tools: { deny: ['notes_write'] }, servers: { deny: ['vault'] } } },
    };
    const notFound = (tool: string, closest: readonly string[]) => ({
      type: 'tool_not_found',
      message: `There is no tool "${tool}". ${closest.length > 0 ? `Did you mean ${closest.join(', ')}?` : 'GET /openapi.json lists them all.'}`,
      details: { tool, closest },
    });

    it('is all that runs, and all that is suggested', async () => {
      const notes = closing(await RawMcpServer.start({ tools: [toolOf('read'), toolOf('write')] }));
      const vault = closing(await RawMcpServer.start({ tools: [toolOf('open')] }));
      const upstreams = [httpUpstream(notes.url, { name: 'notes' }), httpUpstream(vault.url, { name: 'vault' })];
      const served = closing(await startAllFaces(keysFile(KEYS), upstreams, { naming: 'prefixed' }));
      const call = (tool: string, key: string) => told(served.as(face).call(tool, {}, as(key)));
      for (const tool of ['notes_write', 'vault_open'])
        expect(await call(tool, 'reader')).toEqual({
          type: 'permission_error',
          message: `You are not permitted to use the tool "${tool}". Ask whoever runs the gateway for it.`,
          details: { reason: 'denied_tool', tool },
        });
      expect(await call('notes_wirte', 'reader')).toEqual(notFound('notes_wirte', []));
      expect(await call('vault_opne', 'reader')).toEqual(notFound('vault_opne', []));
      expect([...notes.received('tools/call'), ...vault.received('tools/call')]).toEqual([]);
      expect(await call('notes_read', 'reader')).toEqual(DONE);
      expect(await call('notes_wirte', 'admin')).toEqual(notFound('notes_wirte', ['notes_write']));
      expect(await call('vault_opne', 'admin')).toEqual(notFound('vault_opne', ['vault_open']));
      for (const tool of ['notes_write', 'vault_open']) expect(await call(tool, 'admin')).toEqual(DONE);
    });
  });

  describe('[S7] tools that their server lists for its callers alone', () => {
    const refusal = (message: string) => ({
      type: 'permission_error',
      message,
      details: { reason: 'upstream_credentials', server: 'locked' },
    });

    const start = async () => {
      const lists = new Map<unknown, unknown[]>([
        ['of ann', [toolOf('work'), toolOf('for_ann')]],
        ['of bob', [toolOf('work')]],
      ]);
      const isKnown = ({ headers }: Exchange) => lists.has(headers[TOKEN]);
      const locked = closing(
        await RawMcpServer.start({
          guard: (exchange) => isKnown(exchange) || (exchange.send(401), false),
          on: {
            'tools/list': (exchange) => exchange.result({ tools: lists.get(exchange.headers[TOKEN]) }),
            'tools/call': (exchange) => exchange.result(textResult(`done with token ${String(exchange.headers[TOKEN])}`)),
          },
        }),
      );
      const open = closing(await RawMcpServer.start());
      const upstreams = [httpUpstream(locked.url, { name: 'locked', forwardHeaders: [TOKEN] }), httpUpstream(open.url, { name: 'open' })];
      const served = closing(await startAllFaces({}, upstreams, { naming: 'prefixed' }));
      return { locked, open, call: (tool: string, options = {}) => told(served.as(face).call(tool, {}, options)), served };
    };

    it('are called by those whom it lists them for', async () => {
      const { call, locked } = await start();
      for (const who of ['of ann', 'of bob'])
        expect(await call('locked_work', withToken(who))).toEqual({ type: 'result', value: textResult(`done with token ${who}`) });
      expect(await call('locked_for_ann', withToken('of ann'))).toEqual({ type: 'result', value: textResult('done with token of ann') });
      expect(locked.received('tools/call').map(({ headers }) => headers[TOKEN])).toEqual(['of ann', 'of bob', 'of ann']);
    });

    it('are called by nobody else; others are told why, and nothing of what some see', async () => {
      const { call, locked } = await start();
      expect(await call('locked_for_ann', withToken('of ann'))).toMatchObject({ type: 'result' });
      expect(await call('locked_for_ann', withToken('of bob'))).toEqual({
        type: 'tool_not_found',
        message: 'There is no tool "locked_for_ann". GET /openapi.json lists them all.',
        details: { tool: 'locked_for_ann', closest: [] },
      });
      expect(await call('locked_for_ann', withToken('of eve'))).toEqual(
        refusal('The MCP server "locked" refused the credentials that came with the call: it lists no tools for them.'),
      );
      expect(await call('locked_for_ann')).toEqual({
        type: 'upstream_unavailable',
        message: 'Service temporarily unavailable',
        details: { server: 'locked', reason: 'The MCP server has not been reached yet, so its tools are not known.' },
        retryAfter: expect.any(Number),
      });
      expect(await call('open_work', withToken('of eve'))).toEqual(DONE);
      expect(locked.received('tools/call')).toHaveLength(1);
    });
  });
});

describe('[S7][S4] headers over lines, which may hold what none of HTTP can', () => {
  const closing = closesAfterEach();

  const start = async () => {
    const open = closing(await RawMcpServer.start());
    const locked = closing(await RawMcpServer.start({ guard: (exchange) => (exchange.send(401), false) }));
    const forwardHeaders = [TOKEN, 'x-team-*'];
    const upstreams = [
      httpUpstream(open.url, { name: 'open', forwardHeaders }),
      httpUpstream(locked.url, { name: 'locked', forwardHeaders }),
    ];
    const caller = closing(await startAllFaces({}, upstreams, { naming: 'prefixed' })).lines();
    const call = async (tool: string, headers: Readonly<Record<string, string>>) => ({
      ...(await caller.call(tool, {}, { headers })),
      limits: undefined,
    });
    return { open, call };
  };

  it.each(['of ann\nx-admin: 1', 'of ann\r', 'of \u0000', 'of \u4e2d'])('are refused as an outcome for their value: %j', async (value) => {
    const { open, call } = await start();
    for (const tool of ['open_work', 'locked_work'])
      expect(await call(tool, { [TOKEN]: value })).toEqual({
        type: 'validation_error',
        message: `The header ${TOKEN} must not hold control characters.`,
        details: { header: TOKEN },
      });
    expect(open.received('tools/call')).toEqual([]);
    expect(await call('open_work', { [TOKEN]: 'of ann' })).toEqual(DONE);
  });

  it.each(['x-team-a\nx-admin', 'x-team-a b', 'x-team-\u00e4', 'x-team-:'])('never are when their name is none: %j', async (name) => {
    const { open, call } = await start();
    expect(await call('open_work', { [name]: '1' })).toEqual(DONE);
    const [{ headers } = {}] = open.received('tools/call');
    expect(Object.keys(headers ?? {}).filter((each) => each.startsWith('x-'))).toEqual(['x-correlation-id']);
  });
});
