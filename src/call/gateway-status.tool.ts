import { Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import type { CallerView } from '../view/caller-view.js';

/** Answers `gateway_status`: what is known of each server that the caller may know of, in words that a model can pass on. */
@Injectable()
export class GatewayStatusTool {
  constructor(private readonly mcpClient: McpClient) {}

  run(view: CallerView): ToolOutcome {
    const isSeen = ({ name }: { readonly name: string }) => view.permitsServer(name);
    const servers = this.mcpClient.upstreams.filter(isSeen).map((upstream) => {
      const { name, state, since, lastError } = upstream.status();
      return { name, state, since: since.toISOString(), reason: lastError ?? 'The server has not answered yet.' };
    });
    const inactive = this.mcpClient.inactiveServers
      .filter(isSeen)
      .map(({ since, ...server }) => ({ ...server, since: since.toISOString() }));
    const value = { content: [{ type: 'text', text: JSON.stringify({ message: MESSAGE, servers: [...servers, ...inactive] }) }] };
    return { kind: 'result', result: { value, text: JSON.stringify(value) } };
  }
}

const MESSAGE = 'No tools are available: none of the MCP servers behind the gateway has been reached yet. It keeps trying.';
