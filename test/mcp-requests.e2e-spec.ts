import { createHash } from 'node:crypto';
import { BOUNDS, MCP_BOUNDS, type McpBounds } from '../src/faces/mcp/bounds.js';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { startMcpGateway } from './support/clients/mcp-clients.js';
import { modern, post, WireSession } from './support/clients/mcp-wire.js';
import { type Exchange, type RawServerOptions, RawMcpServer, toolOf } from './support/raw-mcp-server.js';
import { request } from './support/exchange.js';
import { until } from './support/until.js';

const OFFERS = { tools: {}, prompts: {}, resources: {} };
const listed = async ({ url }: { url: string }) => until('listed', async () => (await fetch(`${url}/ready`)).status === 200);

/** A server that has prompts and resources besides, under its name. */
function offering(name: string, options: RawServerOptions = {}): RawServerOptions {
  return {
    ...options,
    on: {
      initialize: (exchange: Exchange) => {
        const protocolVersion = exchange.message.params?.protocolVersion;
        exchange.result({ protocolVersion, capabilities: OFFERS, serverInfo: { name, version: '1' }, instructions: `Of ${name}.` });
      },
      'prompts/list': (exchange) => exchange.result({ prompts: [{ name: 'write' }] }),
      'prompts/get': (exchange) => exchange.result({ messages: [], of: name, 'x-unknown': 1 }),
      'resources/list': (exchange) => exchange.result({ resources: [{ uri: `${name}://it`, name: 'it' }] }),
      'resources/templates/list': (exchange) => exchange.result({ resourceTemplates: [{ uriTemplate: `${name}://{id}`, name: 'any' }] }),
      'resources/read': (exchange) => exchange.result({ contents: [{ uri: exchange.message.params?.['uri' as never], text: name }] }),
      ...options.on,
    },
  };
}

describe('what MCP clients ask of the gateway', () => {
  const closing = closesAfterEach();

  const two = async (env = {}) => {
    const one = closing(await RawMcpServer.start(offering('one')));
    const other = closing(await RawMcpServer.start(offering('other')));
    const upstreams = [httpUpstream(one.url, { name: 'one' }), httpUpstream(other.url, { name: 'other' })];
    const gateway = closing(await startMcpGateway(env, upstreams, { naming: 'prefixed' }));
    await listed(gateway);
    return { gateway, mcp: `${gateway.url}/mcp`, one, other };
  };

  describe('[AC5] of several servers at once', () => {
    it('is called by the names of the documents, and goes to the server whose it is', async () => {
      const { mcp, one, other } = await two();
      const session = await WireSession.open(mcp);
      const result = async (method: string, params = {}) => (await session.ask(method, params)).message.result;
      expect(await result('tools/list')).toMatchObject({ tools: [{ name: 'one_work' }, { name: 'other_work' }] });
      expect(await result('prompts/list')).toEqual({ prompts: [{ name: 'one_write' }, { name: 'other_write' }] });
      expect(await result('prompts/get', { name: 'other_write' })).toEqual({ messages: [], of: 'other', 'x-unknown': 1 });
      expect(await result('resources/list')).toMatchObject({ resources: [{ uri: 'one://it' }, { uri: 'other://it' }] });
      expect(await result('resources/read', { uri: 'other://5' })).toEqual({ contents: [{ uri: 'other://5', text: 'other' }] });
      await session.ask('tools/call', { name: 'other_work' });
      expect(one.received('tools/call')).toEqual([]);
      expect(other.received('tools/call').map(({ message }) => message.params?.name)).toEqual(['work']);
      expect((await session.ask('prompts/get', { name: 'third_write' })).message.error).toMatchObject({ code: -32602 });
    });

    it('may write null for what it does not say, which no server gets to see', async () => {
      const { mcp, one } = await two();
      const session = await WireSession.open(mcp);
      const asked = async (method: string, params: object | null) => {
        const { status, message } = await session.say({ id: `null-${method}`, method, params });
        return { status, result: message.result, error: message.error };
      };
      expect(await asked('ping', null)).toEqual({ status: 200, result: {}, error: undefined });
      expect(await asked('tools/list', null)).toMatchObject({ result: { tools: [{ name: 'one_work' }, { name: 'other_work' }] } });
      expect(await asked('tools/list', { cursor: null, _meta: null })).toMatchObject({ status: 200, error: undefined });
      expect(await asked('tools/call', { name: 'one_work', arguments: null })).toMatchObject({ status: 200, error: undefined });
      expect(await asked('prompts/get', { name: 'one_write', arguments: null })).toMatchObject({ status: 200, error: undefined });
      expect(one.received('tools/call').map(({ message }) => message.params?.arguments)).toEqual([{}]);
      expect(one.received('prompts/get').map(({ message }) => Object.keys(message.params ?? {}))).toEqual([['name', '_meta']]);
      const unsaid = { protocolVersion: '2025-06-18', capabilities: null, clientInfo: null };
      const opened = await post(mcp, { jsonrpc: '2.0', id: 0, method: 'initialize', params: unsaid });
      expect(opened.message.result).toMatchObject({ protocolVersion: '2025-06-18' });
    });

    it('is told where all tools are, of a name that none has', async () => {
      const { mcp } = await two();
      const told = await modern(mcp, 'tools/call', { name: 'nothing-like-it', arguments: {} });
      expect(told.message.error).toMatchObject({
        code: -32602,
        message: 'There is no tool "nothing-like-it". "tools/list" lists them all.',
      });
    });

    it('has the instructions of each below its name, and those of one alone as they are', async () => {
      const { mcp } = await two();
      const told = async (url: string) => (await modern(url, 'server/discover')).message.result?.['instructions'];
      expect(await told(mcp)).toBe('# one\n\nOf one.\n\n# other\n\nOf other.');
      expect(await told(`${mcp}/other`)).toBe('Of other.');
    });

    it('is without a server that is away', async () => {
      const { mcp, one } = await two();
      await one.stop();
      const names = async () => (await modern(mcp, 'tools/list')).message.result?.['tools'];
      await until(
        'it is gone',
        async () => JSON.stringify(await names()) === JSON.stringify([{ name: 'other_work', inputSchema: { type: 'object' } }]),
        20_000,
      );
      expect((await modern(mcp, 'prompts/list')).message.result).toMatchObject({ prompts: [{ name: 'other_write' }] });
    });
  });

  describe('[AC2] of results', () => {
    it('is answered with what the server wrote: every number, and what nobody knows', async () => {
      const text = '{"content":[{"type":"text","text":"x","more":1e400}],"n":12345678901234567890.10,"x-unknown":{"a":[1.0]}}';
      const server = closing(
        await RawMcpServer.start({
          on: {
            'tools/call': (exchange) =>
              exchange.send(200, `{"jsonrpc":"2.0","id":"${String(exchange.message.id)}","result":${text}}`, {
                'content-type': 'application/json',
              }),
          },
        }),
      );
      const gateway = closing(await startMcpGateway({}, [httpUpstream(server.url)]));
      await listed(gateway);
      const session = await WireSession.open(`${gateway.url}/mcp`);
      expect((await session.ask('tools/call', { name: 'work' })).text).toBe(`{"jsonrpc":"2.0","id":1,"result":${text}}`);
      const sent = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"work","arguments":{"n":1.0,"m":12345678901234567890}}}';
      await post(`${gateway.url}/mcp`, sent, session.own);
      expect(server.received('tools/call')[1]?.text).toContain('"arguments":{"n":1.0,"m":12345678901234567890}');
      const newer = await modern(`${gateway.url}/mcp`, 'tools/call', { name: 'work' });
      expect(newer.text).toBe(`{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete",${text.slice(1)}}`);
    });
  });

  describe('[P5] of long lists', () => {
    it('is answered in pages, whose places stay when items come and go', async () => {
      const tools = Array.from({ length: 25 }, (_, at) => toolOf(`tool_${at}`));
      const server = closing(await RawMcpServer.start({ tools }));
      const gateway = closing(await startMcpGateway({}, [httpUpstream(server.url)]));
      await listed(gateway);
      Object.assign(gateway.app.get<McpBounds>(MCP_BOUNDS, { strict: false }), { ...BOUNDS, pageItems: 10 });
      const page = async (cursor?: unknown) => {
        const { result, error } = (await modern(`${gateway.url}/mcp`, 'tools/list', cursor === undefined ? {} : { cursor })).message;
        return error ?? { names: (result?.['tools'] as { name: string }[]).map(({ name }) => name), next: result?.['nextCursor'] };
      };
      const names = (from: number, to: number) => tools.slice(from, to).map((tool) => (tool as { name: string }).name);
      const first = (await page()) as { names: string[]; next: unknown };
      expect(first).toEqual({ names: names(0, 10), next: expect.any(String) });
      const second = (await page(first.next)) as { names: string[]; next: unknown };
      expect(second.names).toEqual(names(10, 20));
      expect(await page(second.next)).toEqual({ names: names(20, 25), next: undefined });
      expect(await page('nonsense')).toEqual({ code: -32602, message: 'Invalid cursor' });
    });
  });

  describe('[AC9] of limits', () => {
    it('counts calls, reads and prompts, and nothing else', async () => {
      const { mcp, one } = await two({ RATE_LIMIT_CLIENT: '3' });
      const session = await WireSession.open(mcp);
      for (let at = 0; at < 5; at += 1) await session.ask('tools/list');
      for (const method of ['prompts/list', 'resources/list', 'ping']) await session.ask(method);
      const counted = [
        await session.ask('tools/call', { name: 'one_work' }),
        await session.ask('resources/read', { uri: 'one://it' }),
        await session.ask('prompts/get', { name: 'one_write' }),
      ];
      expect(counted.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['2', '1', '0']);
      const refused = (await session.ask('tools/call', { name: 'one_work' })).message.result;
      expect(refused).toMatchObject({
        content: [
          { type: 'text', text: expect.stringMatching(/^You may make 3 calls in 60 s, and have made them: try again in \d+ s\.$/) },
        ],
        isError: true,
        _meta: { 'io.mcpo-proxy/error': { type: 'rate_limit_error', retry_after: expect.any(Number) } },
      });
      for (const [method, params] of [
        ['resources/read', { uri: 'one://it' }],
        ['prompts/get', { name: 'one_write' }],
      ] as const)
        expect((await session.ask(method, params)).message.error).toMatchObject({ code: -32603, data: { type: 'rate_limit_error' } });
      expect(one.received('tools/call')).toHaveLength(1);
    });
  });

  describe('[S4] with an idempotency key', () => {
    const KEY = 'io.mcpo-proxy/idempotency-key';

    it('is a call that is made once, for clients of both generations, by the key of its header or its own', async () => {
      const { mcp, one } = await two();
      const session = await WireSession.open(mcp);
      const header = { 'idempotency-key': 'k-1' };
      const first = await session.ask('tools/call', { name: 'one_work', arguments: {} }, header);
      const again = await session.ask('tools/call', { name: 'one_work', arguments: {}, _meta: { [KEY]: 'k-1' } });
      const newer = await modern(mcp, 'tools/call', { name: 'one_work', arguments: {} }, { meta: { [KEY]: 'k-1' } });
      expect(one.received('tools/call')).toHaveLength(1);
      const done = { content: [{ type: 'text', text: 'done' }] };
      expect([first, again, newer].map(({ message }) => message.result)).toEqual([done, done, { resultType: 'complete', ...done }]);
      expect([first, again, newer].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true', 'true']);
      const other = await session.ask('tools/call', { name: 'one_work', arguments: { other: 1 } }, header);
      expect(other.message.result).toMatchObject({ isError: true, _meta: { 'io.mcpo-proxy/error': { type: 'conflict' } } });
      expect((await session.ask('tools/call', { name: 'other_work', arguments: {} }, header)).message.result).toEqual(done);
      await session.ask('tools/call', { name: 'one_work', arguments: {}, _meta: { [KEY]: 'k-2' } }, header);
      expect(one.received('tools/call')).toHaveLength(2);
    });

    it.each([5, '', 'x'.repeat(256), 'a b'])('is not run with %j for one', async (key) => {
      const { mcp, one } = await two();
      const refused = await modern(mcp, 'tools/call', { name: 'one_work', arguments: {} }, { meta: { [KEY]: key } });
      expect(refused.message.error).toEqual({
        code: -32602,
        message: 'Invalid params: an idempotency key must be 1 to 255 visible ASCII characters, a new one for each new call',
      });
      expect(one.received('tools/call')).toHaveLength(0);
    });
  });

  describe('[S4] whose headers and body disagree', () => {
    const refusals: [string, Record<string, string>, string][] = [
      ['another method', { 'mcp-method': 'tools/list' }, 'Mcp-Method'],
      ['no method', { 'mcp-method': '' }, 'Mcp-Method'],
      ['another name', { 'mcp-name': 'play' }, 'Mcp-Name'],
      ['no name', { 'mcp-name': '' }, 'Mcp-Name'],
      ['no version', { 'mcp-protocol-version': '' }, 'Version'],
      ['an older version', { 'mcp-protocol-version': '2025-11-25' }, '2025-11-25'],
    ];
    it.each(refusals)('is not run: %s', async (_, headers, named) => {
      const server = closing(await RawMcpServer.start());
      const gateway = closing(await startMcpGateway({}, [httpUpstream(server.url)]));
      await listed(gateway);
      const { status, message } = await modern(`${gateway.url}/mcp`, 'tools/call', { name: 'work' }, { headers });
      expect([status, message.error?.code]).toEqual([400, -32020]);
      expect(JSON.stringify(message.error)).toContain(named);
      expect(server.received('tools/call')).toEqual([]);
    });

    it.each([1.5, 2 ** 53, null, true, { a: 1 }])('is not run: with %p for an id', async (id) => {
      const server = closing(await RawMcpServer.start());
      const gateway = closing(await startMcpGateway({}, [httpUpstream(server.url)]));
      await listed(gateway);
      const { status, message } = await modern(`${gateway.url}/mcp`, 'tools/call', { name: 'work' }, { id });
      const error = { code: -32600, message: 'Bad Request: the body is not a JSON-RPC message' };
      expect([status, message]).toEqual([400, { jsonrpc: '2.0', id: null, error }]);
      expect(server.received('tools/call')).toEqual([]);
    });

    it('is not run: an argument that a header repeats', async () => {
      const inputSchema = { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } };
      const server = closing(await RawMcpServer.start({ tools: [{ name: 'work', inputSchema }] }));
      const gateway = closing(await startMcpGateway({}, [httpUpstream(server.url)]));
      await listed(gateway);
      const call = (headers: Record<string, string>) =>
        modern(`${gateway.url}/mcp`, 'tools/call', { name: 'work', arguments: { region: 'eu' } }, { headers });
      for (const headers of [{}, { 'mcp-param-region': 'us' }] as Record<string, string>[])
        expect(await call(headers)).toMatchObject({ status: 400, message: { error: { code: -32020 } } });
      expect(await call({ 'mcp-param-region': '=?base64?ZXU=?=' })).toMatchObject({
        status: 200,
        message: { result: { content: [{ text: 'done' }] } },
      });
      expect(server.received('tools/call')).toHaveLength(1);
    });

    it.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'nonsense'])('has no %s since 2026-07-28', async (method) => {
      const gateway = closing(await startMcpGateway({}, [httpUpstream(closing(await RawMcpServer.start()).url)]));
      expect(await modern(`${gateway.url}/mcp`, method)).toMatchObject({ status: 404, message: { id: 1, error: { code: -32601 } } });
    });
  });

  describe('[S3] from strangers', () => {
    it('is answered 403 from a foreign origin or under a foreign name', async () => {
      const gateway = closing(
        await startMcpGateway({ ALLOWED_HOSTS: '127.0.0.1' }, [httpUpstream(closing(await RawMcpServer.start()).url)]),
      );
      const answers = [
        await modern(`${gateway.url}/mcp`, 'server/discover', {}, { headers: { origin: 'http://evil.example' } }),
        await request(gateway.url, '/mcp', { method: 'POST', headers: { host: 'evil.example' }, body: '{}' }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    });

    it.each([false, true])(
      'is answered 401, with where to get a token if anybody gives them out; --strict-auth: %p',
      async (strictAuth) => {
        const env = { API_KEYS: 'ann:key-of-ann', OIDC_ISSUER: 'http://127.0.0.1:1/issuer', JWT_AUDIENCE: 'mcpo' };
        const gateway = closing(await startMcpGateway(env, [httpUpstream(closing(await RawMcpServer.start()).url)], { strictAuth }));
        const refused = await modern(`${gateway.url}/mcp/default`, 'server/discover');
        const metadata = `${gateway.url}/.well-known/oauth-protected-resource/mcp/default`;
        expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, `Bearer resource_metadata="${metadata}"`]);
        expect(refused.message.error).toMatchObject({ code: -32000, data: { type: 'authentication_error' } });
        expect(await (await fetch(metadata)).json()).toEqual({
          resource: `${gateway.url}/mcp/default`,
          authorization_servers: ['http://127.0.0.1:1/issuer'],
          bearer_methods_supported: ['header'],
          resource_name: 'mcpo-proxy',
        });
        for (const method of ['GET', 'DELETE'])
          expect((await request(gateway.url, '/mcp', { method, headers: { 'mcp-session-id': 'one' } })).status).toBe(401);
        expect((await request(gateway.url, '/openapi.json')).status).toBe(strictAuth ? 401 : 200);
        const plain = closing(await startGatewayHere({ API_KEYS: 'ann:key-of-ann' }, []));
        expect((await modern(`${plain.url}/mcp`, 'server/discover')).headers.get('www-authenticate')).toBe('Bearer');
        expect((await fetch(`${plain.url}/.well-known/oauth-protected-resource/mcp`)).status).toBe(404);
      },
    );
  });

  describe('[E5] that cannot be read', () => {
    it.each([
      ['', 400, -32700],
      ['{"a":}', 400, -32700],
      ['[]', 400, -32600],
      ['{"jsonrpc":"2.0"}', 400, -32600],
      [`{"jsonrpc":"2.0","id":1,"method":"x","params":${'['.repeat(100)}${']'.repeat(100)}}`, 400, -32600],
    ])('is refused: %j', async (body, status, code) => {
      const gateway = closing(await startMcpGateway({}, []));
      const answer = await post(`${gateway.url}/mcp`, body);
      expect([answer.status, answer.message.error?.code, answer.message.id]).toEqual([status, code, null]);
    });

    it('is refused when it is too large, and never kept', async () => {
      const gateway = closing(await startMcpGateway({}, []));
      expect((await post(`${gateway.url}/mcp`, `{"x":"${createHash('sha256').update('x').digest('hex').repeat(40_000)}"}`)).status).toBe(
        413,
      );
    });
  });

  it('[S6] has no credentials in what its server says of failures', async () => {
    const server = closing(
      await RawMcpServer.start(
        offering('one', {
          on: { 'prompts/get': (exchange) => exchange.error(-32000, `bad token ${String(exchange.headers['x-teams-auth-token'])}`) },
        }),
      ),
    );
    const gateway = closing(await startMcpGateway({}, [httpUpstream(server.url, { forwardHeaders: ['x-teams-auth-token'] })]));
    await listed(gateway);
    const answer = await modern(
      `${gateway.url}/mcp`,
      'prompts/get',
      { name: 'write' },
      { headers: { 'x-teams-auth-token': 'canary-1234' } },
    );
    expect(answer.message.error).toEqual({ code: -32000, message: 'bad token [hidden]' });
  });
});
