import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ANONYMOUS } from '../src/correlation/principal.js';
import { ToolCatalog } from '../src/discovery/tool-catalog.service.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import type { Upstream } from '../src/mcp-client/upstream.js';
import { CallerViews } from '../src/view/caller-views.service.js';
import { closesAfterEach } from './support/ends.js';
import { errorAnswer, get, ID, jsonAnswer, post, request, told } from './support/exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { allListed } from './support/listed.js';
import { startGateway } from './support/processes.js';
import { RawMcpServer, toolOf } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';
import { countedEvents, loggedEvents } from './support/security-events.js';
import { until } from './support/until.js';

const closing = closesAfterEach();
const folder = temporaryFolder();

const READER = { authorization: 'Bearer key-of-reader' };
const ADMIN = { authorization: 'Bearer key-of-admin' };
const NOBODY = {};

/** A reader of one server, by what its key and its role allow together, an admin, and callers without a key. */
const KEYS = {
  keys: [
    { name: 'reader', key: 'key-of-reader', role: 'reader', servers: { deny: ['vault'] }, tools: { deny: ['notes_drop'] } },
    { name: 'admin', key: 'key-of-admin', role: 'admin' },
  ],
  roles: {
    reader: { tools: { deny: ['*_write', 'read_all'] } },
    anonymous: { servers: { allow: ['notes'] }, tools: { allow: ['*_read'] } },
  },
};

function keysFile(keys: unknown = KEYS): string {
  const file = path.join(folder(), 'keys.json');
  writeFileSync(file, JSON.stringify(keys));
  return file;
}

const serverOf = async (...tools: string[]) =>
  closing(
    await RawMcpServer.start({
      tools: tools.map((name) => toolOf(name)),
      on: { 'tools/call': (exchange) => exchange.result({ content: [{ type: 'text', text: `ran ${exchange.message.params?.name}` }] }) },
    }),
  );

interface Served {
  readonly gateway: GatewayHere;
  readonly notes: RawMcpServer;
  readonly vault: RawMcpServer;
}

async function serve(keys: unknown = KEYS): Promise<Served> {
  const [notes, vault] = [await serverOf('read', 'write', 'drop', 'read_all'), await serverOf('open', 'read')];
  const upstreams = [httpUpstream(notes.url, { name: 'notes' }), httpUpstream(vault.url, { name: 'vault' })];
  const gateway = closing(await startGatewayHere({ API_KEYS_FILE: keysFile(keys) }, upstreams, { naming: 'prefixed' }));
  await allListed(gateway.url);
  return { gateway, notes, vault };
}

type Headers = Readonly<Record<string, string>>;

async function pathsOf({ gateway }: Pick<Served, 'gateway'>, at: string, headers: Headers): Promise<string[]> {
  return Object.keys((JSON.parse((await get(gateway.url, at, headers)).text) as { paths: object }).paths);
}

const denied = (tool: string) =>
  errorAnswer(403, {
    type: 'permission_error',
    message: `You are not permitted to use the tool "${tool}". Ask whoever runs the gateway for it.`,
    details: { reason: 'denied_tool', tool },
  });

/** Gateways in one process count together. */
const deniedSoFar = async (url: string) => (await countedEvents(url)).denied_tool ?? 0;

const nothingAt = (method: string, at: string) =>
  errorAnswer(404, { type: 'not_found', message: `There is nothing at ${method} ${at}. The tools are described at /openapi.json.` });

const refused = errorAnswer(
  401,
  { type: 'authentication_error', message: 'Authentication failed: send a valid API key or token as "Authorization: Bearer ...".' },
  { 'www-authenticate': 'Bearer' },
);

describe('permissions by key and role', () => {
  it('[AC7][S1] documents and lists hold what the caller may use', async () => {
    const served = await serve();
    const { url } = served.gateway;
    const all = ['notes_read', 'notes_write', 'notes_drop', 'notes_read_all', 'vault_open', 'vault_read'];
    const seen = [
      [ADMIN, all],
      [READER, ['notes_read']],
      [NOBODY, ['notes_read']],
    ] as const;
    for (const [headers, tools] of seen) {
      expect(await pathsOf(served, '/openapi.json', headers)).toEqual(tools.map((name) => `/v1/tools/${name}`));
      for (const at of ['/v1/openapi.json', '/v1/tools'])
        expect(await pathsOf(served, at, headers)).toEqual(tools.map((name) => `/tools/${name}`));
      const { text } = await get(url, '/v1/tools?format=mcp', headers);
      expect(JSON.parse(text)).toEqual({ tools: tools.map((name) => toolOf(name)) });
      const own = tools.filter((name) => name.startsWith('notes_')).map((name) => name.replace('notes_', '/'));
      expect(await pathsOf(served, '/notes/openapi.json', headers)).toEqual(own);
    }
    expect(await pathsOf(served, '/vault/openapi.json', ADMIN)).toEqual(['/open', '/read']);
    for (const headers of [READER, NOBODY]) {
      const at = '/vault/openapi.json';
      expect(told(await get(url, at, headers))).toEqual(nothingAt('GET', at));
      const { status, text } = nothingAt('GET', '/vault/docs');
      expect(await get(url, '/vault/docs', headers)).toMatchObject({ status, text });
    }
  });

  it('[AC7] a document says that it depends on who reads it, and has a tag of its own for each part', async () => {
    const { gateway } = await serve();
    const [ofAdmin, ofReader, ofNobody] = [
      await get(gateway.url, '/openapi.json', ADMIN),
      await get(gateway.url, '/openapi.json', READER),
      await get(gateway.url, '/openapi.json'),
    ];
    const headers = {
      'x-correlation-id': ID,
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'private, no-cache',
      vary: 'Accept-Encoding, Authorization',
    };
    for (const { headers: given } of [ofAdmin, ofReader, ofNobody])
      expect(given).toEqual({ ...headers, etag: expect.stringMatching(/^"[\w-]{22}"$/) });
    expect(ofAdmin.headers.etag).not.toBe(ofReader.headers.etag);
    // What shows the same is the same, whoever reads it.
    expect(ofNobody.bytes.equals(ofReader.bytes)).toBe(true);
    const again = await get(gateway.url, '/openapi.json', { ...READER, 'if-none-match': ofReader.headers.etag as string });
    expect(told(again)).toEqual({ status: 304, headers: { ...headers, etag: ofReader.headers.etag }, text: '' });
    const other = await get(gateway.url, '/openapi.json', { ...READER, 'if-none-match': ofAdmin.headers.etag as string });
    expect([other.status, other.text]).toEqual([200, ofReader.text]);
  });

  it('[AC7] documents of a part follow the tools', async () => {
    const served = await serve();
    expect(await pathsOf(served, '/openapi.json', READER)).toEqual(['/v1/tools/notes_read']);
    served.notes.tools = [...served.notes.tools, toolOf('search'), toolOf('search_write')];
    served.notes.notify('notifications/tools/list_changed');
    await until('the new tool is published', async () => (await pathsOf(served, '/openapi.json', READER)).length > 1);
    expect(await pathsOf(served, '/openapi.json', READER)).toEqual(['/v1/tools/notes_read', '/v1/tools/notes_search']);
    expect(await pathsOf(served, '/openapi.json', NOBODY)).toEqual(['/v1/tools/notes_read']);
  });

  it('[P2] a view is made once for callers of the same key and role, and again when the tools are others', async () => {
    const served = await serve();
    const views = served.gateway.app.get(CallerViews);
    const viewFor = (role: string, id = role) => views.known({ principal: { ...ANONYMOUS, id, role }, address: '', headers: {} }).permitted;
    const catalog = served.gateway.app.get(ToolCatalog);
    const [before, whole] = [viewFor('reader'), catalog.snapshot()];
    expect(viewFor('reader', 'another user')).toBe(before);
    expect(viewFor('anonymous')).not.toBe(before);
    expect(viewFor('admin')).toBe(whole);
    expect(before.servers.get('vault')?.entries.size).toBe(2);
    await catalog.replace(served.gateway.app.get(McpClient).upstreams[0] as Upstream, [toolOf('search')]);
    expect([...viewFor('reader').entries.keys()]).toEqual(['notes_search', 'vault_open', 'vault_read']);
    expect(viewFor('reader').servers.get('vault')).toBe(whole.servers.get('vault'));
  });

  it('[E3] a public document that is asked for with a wrong key is refused: who set the key up is told at once', async () => {
    const { gateway } = await serve();
    for (const at of ['/openapi.json', '/v1/openapi.json', '/v1/tools', '/v1/tools/notes_read', '/notes/openapi.json'])
      expect([at, told(await get(gateway.url, at, { authorization: 'Bearer wrong-key' }))]).toEqual([at, refused]);
    const { status, text } = refused;
    expect(await get(gateway.url, '/notes/docs', { authorization: 'Bearer wrong-key' })).toMatchObject({ status, text });
    for (const at of ['/health', '/ready', '/metrics', '/docs'])
      expect([at, (await get(gateway.url, at, { authorization: 'Bearer wrong-key' })).status]).toEqual([at, 200]);
  });

  it('[S1][S5] a denied tool does not run, however it is named; it answers 403 and is told', async () => {
    const { gateway, notes, vault } = await serve();
    const { url } = gateway;
    const before = await deniedSoFar(url);
    const envelope = (name: string) => ({ name, arguments: {} });
    expect(told(await post(url, '/v1/tools/notes_read', {}, READER))).toEqual(jsonAnswer('"ran read"'));
    for (const tool of ['notes_write', 'notes_drop', 'notes_read_all', 'vault_open', 'vault_read']) {
      expect(told(await post(url, `/v1/tools/${tool}`, {}, READER))).toEqual(denied(tool));
      expect(told(await post(url, '/v1/tools', envelope(tool), READER))).toEqual(denied(tool));
      expect(told(await get(url, `/v1/tools/${tool}`, READER))).toEqual(denied(tool));
      expect(told(await get(url, `/v1/tools/${tool}?format=mcp`))).toEqual(denied(tool));
    }
    expect(told(await post(url, '/notes/write', {}, READER))).toEqual(denied('write'));
    expect(told(await post(url, '/vault/open', {}, READER))).toEqual(denied('open'));
    expect(await deniedSoFar(url)).toBe(before + 22);
    expect(notes.received('tools/call')).toHaveLength(1);
    expect(vault.received('tools/call')).toHaveLength(0);
    expect(told(await post(url, '/v1/tools/vault_open', {}, ADMIN))).toEqual(jsonAnswer('"ran open"'));
  });

  it('[S1] is refused before its arguments are judged', async () => {
    const strict = { name: 'write', inputSchema: { type: 'object', required: ['secret_field'] } };
    const served = await serve();
    served.notes.tools = [toolOf('read'), strict];
    served.notes.notify('notifications/tools/list_changed');
    await until('the new list is published', async () => (await pathsOf(served, '/openapi.json', ADMIN)).length === 4);
    expect(told(await post(served.gateway.url, '/v1/tools/notes_write', {}, READER))).toEqual(denied('notes_write'));
    expect((await post(served.gateway.url, '/v1/tools/notes_write', {}, ADMIN)).text).toContain('secret_field');
  });

  it('[E5] a name that no tool has is answered without the names of denied ones', async () => {
    const { gateway } = await serve();
    const { url } = gateway;
    const before = await deniedSoFar(url);
    const notFound = (tool: string, closest: string[], at = '/openapi.json') => {
      const hint = closest.length > 0 ? `Did you mean ${closest.join(', ')}?` : `GET ${at} lists them all.`;
      return errorAnswer(404, { type: 'tool_not_found', message: `There is no tool "${tool}". ${hint}`, details: { tool, closest } });
    };
    expect(told(await post(url, '/v1/tools/vault_opem', {}, ADMIN))).toEqual(notFound('vault_opem', ['vault_open']));
    expect(told(await post(url, '/v1/tools/vault_opem', {}, READER))).toEqual(notFound('vault_opem', []));
    expect(told(await post(url, '/v1/tools/notes_raed', {}, READER))).toEqual(notFound('notes_raed', ['notes_read']));
    expect(told(await get(url, '/v1/tools/vault_opem', READER))).toEqual(notFound('vault_opem', []));
    expect(told(await post(url, '/notes/wrote', {}, ADMIN))).toEqual(notFound('wrote', ['write']));
    expect(told(await post(url, '/notes/wrote', {}, READER))).toEqual(notFound('wrote', [], '/notes/openapi.json'));
    expect(told(await post(url, '/vault/opem', {}, READER))).toEqual(nothingAt('POST', '/vault/opem'));
    expect(await deniedSoFar(url)).toBe(before);
  });

  it('[AC10] the list of servers holds those that the caller may use, and counts the tools that they may', async () => {
    const { gateway } = await serve();
    const counts = async (headers: Headers) => {
      const { servers } = JSON.parse((await get(gateway.url, '/v1/servers', headers)).text) as {
        servers: { name: string; tools: number }[];
      };
      return servers.map(({ name, tools }) => [name, tools]);
    };
    expect(await counts(ADMIN)).toEqual([
      ['notes', 4],
      ['vault', 2],
    ]);
    expect(await counts(READER)).toEqual([['notes', 1]]);
  });

  it('without keys, everybody is of the role anonymous', async () => {
    const served = await serve({ roles: KEYS.roles });
    const { url } = served.gateway;
    expect(await pathsOf(served, '/openapi.json', READER)).toEqual(['/v1/tools/notes_read']);
    expect(told(await post(url, '/v1/tools/notes_read', {}))).toEqual(jsonAnswer('"ran read"'));
    expect(told(await post(url, '/v1/tools/notes_write', {}, ADMIN))).toEqual(denied('notes_write'));
  });

  it('[AC7] where nobody is kept from anything, documents are the same for all, and may be kept by all', async () => {
    const { gateway } = await serve({ keys: KEYS.keys.slice(1), roles: { admin: {} } });
    const [ofAdmin, ofNobody] = [await get(gateway.url, '/openapi.json', ADMIN), await get(gateway.url, '/openapi.json')];
    expect(ofAdmin).toEqual(ofNobody);
    expect(ofAdmin.headers).toMatchObject({ 'cache-control': 'no-cache', vary: 'Accept-Encoding' });
  });

  it('[E8] gateway_status stands in for everybody, and names the servers that the caller may use', async () => {
    const upstreams = ['notes', 'vault'].map((name) => httpUpstream('http://127.0.0.1:9/mcp', { name }));
    const gateway = closing(await startGatewayHere({ API_KEYS_FILE: keysFile() }, upstreams, { naming: 'prefixed' }));
    const namesFor = async (headers: Headers) => {
      const { text } = await post(gateway.url, '/v1/tools/gateway_status', {}, headers);
      return (JSON.parse(text) as { servers: { name: string }[] }).servers.map(({ name }) => name);
    };
    expect(await namesFor(ADMIN)).toEqual(['notes', 'vault']);
    expect(await namesFor(READER)).toEqual(['notes']);
    expect(await pathsOf({ gateway }, '/openapi.json', NOBODY)).toEqual(['/v1/tools/gateway_status']);
    expect(await post(gateway.url, '/v1/tools/vault_open', {}, ADMIN)).toMatchObject({ status: 503 });
    // A server that the caller may not use is not named as one that is away.
    expect(await post(gateway.url, '/v1/tools/vault_open', {}, READER)).toMatchObject({ status: 404 });
  });

  it('[S5] the event names the correlation id and the address, and the log the tool', async () => {
    const notes = await serverOf('read', 'write');
    const config = path.join(folder(), 'mcp.json');
    writeFileSync(config, JSON.stringify({ mcpServers: { notes: { url: notes.url } } }));
    const gateway = closing(await startGateway({ args: ['--config', config], env: { API_KEYS_FILE: keysFile() } }));
    await allListed(gateway.url);
    expect(told(await request(gateway.url, '/v1/tools/notes_write', { method: 'POST', headers: READER }))).toEqual(denied('notes_write'));
    await until('the event is logged', () => loggedEvents(gateway).length > 0);
    expect(loggedEvents(gateway)).toEqual([{ level: 'warn', reason: 'denied_tool', correlation_id: ID, client: '127.0.0.1' }]);
    const line = () => gateway.stdout.map((text) => JSON.parse(text) as Record<string, unknown>).find(({ status }) => status === 403);
    await until('the request is logged', () => line() !== undefined);
    expect(line()).toMatchObject({ principal: 'reader', tool: 'notes_write', upstream: 'notes', error: 'permission_error' });
  });
});
