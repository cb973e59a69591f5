import type { McpTool } from '@app/mcp-openapi';
import type { CatalogEntry } from './catalog-snapshot.js';

/** The tool that stands in while no server has been listed yet: the connection in Open WebUI stays, and the model can say why nothing works. */
export const GATEWAY_STATUS = 'gateway_status';

const TOOL: McpTool = {
  name: GATEWAY_STATUS,
  title: 'Status of the tool gateway',
  description:
    'Tells why no tools are available right now: the state of each MCP server behind the gateway, since when, and the reason. ' +
    'Call it when the user asks for something that needs a tool.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
};

/** Its place in the catalogue. */
export const GATEWAY_STATUS_ENTRY: CatalogEntry = { publishedName: GATEWAY_STATUS, server: 'gateway', tool: TOOL, upstream: undefined };
