import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { closesAfterEach } from './support/ends.js';
import { get, post } from './support/exchange.js';
import { type GatewayHere, startGatewayHere } from './support/gateway.js';
import { RawMcpServer, toolOf } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';
import { until } from './support/until.js';

const closing = closesAfterEach();
const newFolder = temporaryFolder();

interface Paths {
  readonly paths: Record<string, { post: { operationId: string; description: string } }>;
}

async function documentOf({ url }: GatewayHere, place: string): Promise<Record<string, string>> {
  const { paths } = JSON.parse((await get(url, place)).text) as Paths;
  return Object.fromEntries(Object.entries(paths).map(([at, item]) => [at, item.post.operationId]));
}

async function gatewayOf(more: object, environment: Record<string, string> = {}): Promise<GatewayHere> {
  const server = closing(await RawMcpServer.start({ tools: [toolOf('get_time'), toolOf('list-all')] }));
  const file = path.join(newFolder(), 'mcp.json');
  writeFileSync(file, JSON.stringify({ mcpServers: { time: { url: server.url, protocol: 'legacy', ...more } } }));
  const gateway = closing(await startGatewayHere({ MCP_CONFIG: file, ...environment }));
  await until('the tools are listed', async () => Object.keys(await documentOf(gateway, '/openapi.json')).length === 2, 4_000);
  return gateway;
}

describe('[AC7] the ids of operations', () => {
  it('are the names of the tools', async () => {
    expect(await documentOf(await gatewayOf({}), '/time/openapi.json')).toEqual({ '/get_time': 'get_time', '/list-all': 'list-all' });
  });

  it.each([
    ['operationIds of a server', { operationIds: 'mcpo' }, {}],
    ['OPERATION_IDS', {}, { OPERATION_IDS: 'mcpo' }],
  ])('are those of mcpo where %s says so; paths and calls stay as they are', async (_, more, environment) => {
    const gateway = await gatewayOf(more, environment as Record<string, string>);
    expect(await documentOf(gateway, '/time/openapi.json')).toEqual({
      '/get_time': 'tool_get_time_post',
      '/list-all': 'tool_list_all_post',
    });
    expect(await documentOf(gateway, '/openapi.json')).toEqual({
      '/v1/tools/time_get_time': 'tool_time_get_time_post',
      '/v1/tools/time_list-all': 'tool_time_list_all_post',
    });
    expect((await post(gateway.url, '/time/get_time', {})).status).toBe(200);
    expect((await post(gateway.url, '/v1/tools/time_list-all', {})).status).toBe(200);
  });

  it('of one server are said by itself first', async () => {
    const gateway = await gatewayOf({ operationIds: 'tool' }, { OPERATION_IDS: 'mcpo' });
    expect(await documentOf(gateway, '/time/openapi.json')).toEqual({ '/get_time': 'get_time', '/list-all': 'list-all' });
  });
});
