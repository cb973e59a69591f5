import { atOnce, type McpTool } from '@app/mcp-openapi';
import type { CatalogEntry, CatalogSnapshot } from './catalog-snapshot.js';
import { toIndex } from './list-index.js';

/** The tool that stands in while no server has been listed yet: the connection in Open WebUI stays, and the model can say why nothing works. */
const GATEWAY_STATUS = 'gateway_status';

const TOOL: McpTool = {
  name: GATEWAY_STATUS,
  title: 'Status of the tool gateway',
  description:
    'Tells why no tools are available right now: the state of each MCP server behind the gateway, since when, and the reason. ' +
    'Call it when the user asks for something that needs a tool.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
};

/** Its place in the catalogue. */
const GATEWAY_STATUS_ENTRY: CatalogEntry = { publishedName: GATEWAY_STATUS, server: 'gateway', tool: TOOL, upstream: undefined };

/** What is there while a server has not been listed. */
export const STAND_IN = atOnce(toIndex([GATEWAY_STATUS_ENTRY], [GATEWAY_STATUS], () => GATEWAY_STATUS));

/** Whether that is all there is: of one server, or of all. */
export function isStandIn(snapshot: CatalogSnapshot, server?: string): boolean {
  return (server === undefined ? snapshot : snapshot.servers.get(server))?.entries === STAND_IN.entries;
}
