import { hash } from 'node:crypto';
import { canonicalText, perTool } from '@app/mcp-openapi';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import type { McpClient } from '../../mcp-client/mcp-client.service.js';
import type { UpstreamSettings } from '../../config/upstream-settings.js';
import type { Upstream } from '../../mcp-client/upstream.js';
import type { ToolCall } from '../tool-call.js';

/** Arguments that are longer are named by their digest. */
const MAX_PLAIN = 512;

/** What a result hangs on: the server as it is configured, the tool, what is forwarded of the caller, and the arguments. */
export function resultKeyOf(call: ToolCall, mcpClient: Pick<McpClient, 'upstreams'>): string {
  const { server, tool, upstream } = call.entry as CatalogEntry & { readonly upstream: Upstream };
  const args = canonicalText(call.args);
  const { settings } = configured(upstream, mcpClient);
  return [
    identityOf(settings),
    server,
    tool.name,
    call.credentials?.digest ?? '',
    args.length > MAX_PLAIN ? hash('sha256', args) : args,
  ].join('\0');
}

/** The server of a connection that is one caller's. */
function configured(upstream: Upstream, { upstreams }: Pick<McpClient, 'upstreams'>): Upstream {
  return (upstream.caller && upstreams.find(({ name }) => name === upstream.name)) || upstream;
}

/** One with other settings is another server, whatever its name. */
const identityOf = perTool<UpstreamSettings, string>((settings) => hash('sha256', JSON.stringify(settings)));
