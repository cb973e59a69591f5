import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { readSettings } from '../src/config/read-settings.js';
import { SERVER_ENTRY, SERVERS_FILE } from '../src/config/servers/server-entry.js';
import { TYPE_PATTERNS, TYPES } from '../src/config/servers/transport-type.js';

const FILE = 'schema/mcp-servers.schema.json';

/** What the reader asks of an entry as a whole. */
const EITHER = [
  { required: ['command'], not: { required: ['url'] }, properties: { type: { pattern: TYPE_PATTERNS.stdio } } },
  { required: ['url'], not: { required: ['command'] }, properties: { type: { pattern: TYPE_PATTERNS.others } } },
  { required: ['disabled'], properties: { disabled: { const: true } } },
  { required: ['enabled'], properties: { enabled: { const: false } } },
];

/** The schema of the file, from what the gateway reads it by. */
function schemaOfFile(): object {
  return z.toJSONSchema(SERVERS_FILE, {
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === (SERVER_ENTRY as unknown)) Object.assign(jsonSchema, { anyOf: EITHER });
    },
  });
}

const stdio = (more: object) => ({ mcpServers: { x: { command: 'y', ...more } } });
const http = (more: object) => ({ mcpServers: { x: { url: 'http://h/mcp', ...more } } });

const GOOD = [
  { mcpServers: {} },
  { $schema: './schema.json', other: 1, mcpServers: { 'a b': { command: 'x' } } },
  stdio({ args: [], env: {}, cwd: '/', type: 'stdio', disabled: false, autoApprove: ['x'] }),
  ...TYPES.filter((type) => type !== 'stdio').map((type) => http({ type })),
  http({
    headers: { A: 'b' },
    tls: { insecure: true },
    protocol: 'legacy',
    validation: 'types',
    nulls: 'keep',
    inlineHtml: true,
    formats: 'on',
    binary: 'keep',
  }),
  http({ timeoutMs: 1, maxDurationMs: 86_400_000, maxResponseBytes: 1024, tools: { allow: ['a'], deny: [] }, disabledTools: ['b*'] }),
  stdio({ startTimeoutMs: 90_000 }),
  http({ proxy: 'http://proxy:3128' }),
  http({ proxy: false, operationIds: 'mcpo' }),
  http({ toolLimits: { 'a*': 1, b: 1_000_000_000 } }),
  http({ idempotentTools: [], trustAnnotations: false, shareCatalog: true, forwardHeaders: ['x-*'] }),
  http({ client_header_forwarding: { enabled: true, whitelist: ['a'], blacklist: [] }, oauth: { server_url: 'https://h', any: 1 } }),
  http({ oauth: { grant: 'client_credentials', clientId: 'a', clientSecret: 'b', issuer: 'https://i', resource: false } }),
  { mcpServers: { x: { disabled: true } } },
  { mcpServers: { x: { enabled: false } } },
  stdio({ type: 'STDIO', enabled: true }),
  http({ type: 'streamableHttp' }),
];

const BAD = [
  {},
  [],
  { mcpServers: [] },
  { mcpServers: { x: 1 } },
  { $schema: 1, mcpServers: {} },
  { mcpServers: { x: {} } },
  { mcpServers: { x: { disabled: false } } },
  stdio({ url: 'http://h' }),
  stdio({ type: 'sse' }),
  http({ type: 'stdio' }),
  http({ type: 'ws' }),
  ...['command', 'cwd'].flatMap((key) => [stdio({ [key]: 1 }), stdio({ [key]: '' })]),
  stdio({ args: 'x' }),
  stdio({ args: [1] }),
  ...['env', 'headers'].flatMap((key) => [stdio({ [key]: [] }), stdio({ [key]: { A: 1 } })]),
  ...['disabled', 'trustAnnotations', 'inlineHtml', 'shareCatalog'].map((key) => http({ [key]: 'true' })),
  ...['disabledTools', 'idempotentTools', 'forwardHeaders'].flatMap((key) => [http({ [key]: 'x' }), http({ [key]: [''] })]),
  ...['startTimeoutMs', 'timeoutMs', 'maxDurationMs', 'maxResponseBytes'].flatMap((key) =>
    [0, 1.5, 1e12, '1'].map((value) => http({ [key]: value })),
  ),
  ...['protocol', 'validation', 'nulls', 'operationIds'].map((key) => http({ [key]: 'x' })),
  http({ tools: { allow: 'x' } }),
  http({ tools: { deny: [1] } }),
  http({ tls: { ca: 1 } }),
  http({ tls: { insecure: 1 } }),
  http({ client_header_forwarding: { enabled: 1 } }),
  http({ client_header_forwarding: { whitelist: 'x' } }),
  http({ client_header_forwarding: { blacklist: 'x' } }),
  http({ oauth: true }),
  http({ proxy: true }),
  http({ proxy: '' }),
  http({ oauth: { grant: 'password' } }),
  http({ oauth: { authentication: 'x' } }),
  http({ oauth: { resource: true } }),
];

describe('the JSON Schema of a config file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'schema-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const judge = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false }).compile(
    JSON.parse(readFileSync(FILE, 'utf8')) as object,
  );

  const isTaken = (sample: unknown): boolean => {
    const MCP_CONFIG = path.join(folder, 'mcp.json');
    writeFileSync(MCP_CONFIG, JSON.stringify(sample));
    try {
      return readSettings({ MCP_CONFIG }).serverSource === 'config file';
    } catch {
      return false;
    }
  };

  it('[ENV] is what the gateway reads it by (WRITE_SCHEMA=1 writes it anew)', () => {
    if (process.env['WRITE_SCHEMA']) writeFileSync(FILE, `${JSON.stringify(schemaOfFile(), null, 2)}\n`);
    expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schemaOfFile())));
  });

  it.each(GOOD.map((sample) => [sample]))('[ENV] takes %j, as the gateway does', (sample) => {
    expect([judge(sample), isTaken(sample)]).toEqual([true, true]);
  });

  it.each(BAD.map((sample) => [sample]))('[ENV] refuses %j, as the gateway does', (sample) => {
    expect([judge(sample), isTaken(sample)]).toEqual([false, false]);
  });
});
