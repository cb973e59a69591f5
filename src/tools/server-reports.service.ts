import { Injectable } from '@nestjs/common';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import type { Upstream, UpstreamStatus } from '../mcp-client/upstream.js';

/** What is told of one server; nothing of it is secret. What is not known is left out. */
export interface ServerReport {
  readonly name: string;
  readonly state: UpstreamStatus['state'] | 'needs_auth' | 'disabled';
  readonly since: string;
  readonly transport?: UpstreamStatus['transport'];
  readonly era?: 'legacy' | 'modern';
  readonly protocolVersion?: string;
  readonly serverInfo?: Readonly<Record<string, unknown>>;
  /** How many of its tools are served. */
  readonly tools: number;
  readonly lastError?: string;
}

/** Reports on all servers, those too that are configured and not started. */
@Injectable()
export class ServerReports {
  constructor(
    private readonly mcpClient: McpClient,
    private readonly catalog: ToolCatalog,
  ) {}

  all(): ServerReport[] {
    const { upstreams, inactiveServers } = this.mcpClient;
    const inactive = inactiveServers.map(({ name, state, since, reason }) => ({
      name,
      state,
      since: since.toISOString(),
      tools: 0,
      lastError: reason,
    }));
    return [...upstreams.map((upstream) => this.reportOn(upstream)), ...inactive];
  }

  private reportOn(upstream: Upstream): ServerReport {
    const { name, state, since, transport, server, lastError } = upstream.status();
    const { era, protocolVersion, serverInfo } = server ?? {};
    return {
      name,
      state,
      since: since.toISOString(),
      transport,
      era,
      protocolVersion,
      serverInfo,
      tools: this.toolsOf(upstream),
      lastError,
    };
  }

  private toolsOf(upstream: Upstream): number {
    const entries = this.catalog.snapshot().servers.get(upstream.name)?.entries.values() ?? [];
    return [...entries].filter((entry) => entry.upstream === upstream).length;
  }
}
