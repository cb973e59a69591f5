import { Injectable } from '@nestjs/common';
import type { CatalogSnapshot } from '../discovery/catalog-snapshot.js';
import { Discovery } from '../discovery/discovery.service.js';
import { Grants } from '../grants/grants.service.js';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import type { Upstream, UpstreamStatus } from '../mcp-client/upstream.js';
import type { CallerView } from './caller-view.js';

/** What is told of one server; nothing of it is secret. What is not known is left out. */
export interface ServerReport {
  readonly name: string;
  readonly state: UpstreamStatus['state'] | 'disabled';
  readonly since: string;
  readonly transport?: UpstreamStatus['transport'];
  readonly era?: 'legacy' | 'modern';
  readonly protocolVersion?: string;
  readonly serverInfo?: Readonly<Record<string, unknown>>;
  /** How many of its tools the caller may use. */
  readonly tools: number;
  /** Its tools are older than they should be, and cannot be had anew. */
  readonly stale?: true;
  readonly lastError?: string;
  /** Where a person has to go to authorize it; for admins. */
  readonly authorizeUrl?: string | undefined;
}

/** Reports on all servers that a caller may know of, those too that are configured and not started. */
@Injectable()
export class ServerReports {
  constructor(
    private readonly mcpClient: McpClient,
    private readonly discovery: Discovery,
    private readonly grants: Grants,
  ) {}

  for(view: CallerView): ServerReport[] {
    const isSeen = ({ name }: { readonly name: string }) => view.permitsServer(name);
    const { permitted } = view;
    const upstreams = this.mcpClient.upstreams.filter(isSeen);
    const inactive = this.mcpClient.inactiveServers.filter(isSeen).map(({ name, state, since, reason }) => ({
      name,
      state,
      since: since.toISOString(),
      tools: 0,
      lastError: reason,
    }));
    return [...upstreams.map((upstream) => this.reportOn(upstream, permitted, isAdmin(view))), ...inactive];
  }

  private reportOn(upstream: Upstream, view: CatalogSnapshot, toAdmin: boolean): ServerReport {
    const { name, state, since, transport, server, lastError } = upstream.status();
    const { era, protocolVersion, serverInfo } = server ?? {};
    const [tools, stale] = [toolsOf(upstream, view), this.discovery.isStale(upstream) || undefined];
    const authorizeUrl = toAdmin ? this.grants.linkOf(name) : undefined;
    return { name, state, since: since.toISOString(), transport, era, protocolVersion, serverInfo, tools, stale, lastError, authorizeUrl };
  }
}

/** Where nobody can be told apart everybody runs the gateway. */
function isAdmin({ caller: { principal } }: CallerView): boolean {
  return principal.role === 'admin' || principal.via === 'anonymous';
}

function toolsOf(upstream: Upstream, view: CatalogSnapshot): number {
  const entries = view.servers.get(upstream.name)?.entries.values() ?? [];
  // A caller's own list names a connection of its own, the stand-in none.
  return [...entries].filter((entry) => entry.upstream !== undefined).length;
}
