import { Injectable, Logger } from '@nestjs/common';
import { type McpTool, publishNames, selectTools } from '@app/mcp-openapi';
import type { Upstream } from '../mcp-client/upstream.js';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import type { CatalogEntry, CatalogSnapshot } from './catalog-snapshot.js';
import { GATEWAY_STATUS_ENTRY } from './gateway-status.js';

interface ServerList {
  readonly tools: readonly McpTool[];
  /** The list as text, to see whether a new one says anything new. */
  readonly text: string;
}

/** What all servers offer, as of their last good lists. Readers take a snapshot and keep it: they see one list or the next, never a mix. */
@Injectable()
export class ToolCatalog {
  private readonly logger = new Logger('discovery');
  private readonly lists = new Map<Upstream, ServerList>();
  private current: CatalogSnapshot;

  constructor(private readonly mcpClient: McpClient) {
    this.current = this.build(1);
  }

  snapshot(): CatalogSnapshot {
    return this.current;
  }

  /** Takes over what a server listed; true if that changed anything. */
  replace(upstream: Upstream, listed: readonly unknown[]): boolean {
    const text = JSON.stringify(listed);
    if (this.lists.get(upstream)?.text === text) return false;
    const { tools, warnings } = selectTools(listed);
    for (const warning of warnings) this.logger.warn({ msg: 'tool left out', upstream: upstream.name, warning });
    this.lists.set(upstream, { tools, text });
    this.current = this.build(this.current.revision + 1);
    this.logger.log({ msg: 'tools listed', upstream: upstream.name, tools: tools.length, revision: this.current.revision });
    return true;
  }

  private build(revision: number): CatalogSnapshot {
    const unlisted = this.mcpClient.upstreams.filter((upstream) => !this.lists.has(upstream));
    const entries = this.lists.size === 0 ? [GATEWAY_STATUS_ENTRY] : this.publish();
    return { revision, entries: new Map(entries.map((entry) => [entry.publishedName, entry])), unlisted };
  }

  private publish(): CatalogEntry[] {
    const listed = this.mcpClient.upstreams.flatMap((upstream) =>
      (this.lists.get(upstream)?.tools ?? []).map((tool) => ({ server: upstream.name, name: tool.name, tool, upstream })),
    );
    const names = publishNames(listed, 'bare');
    return listed.map(({ server, tool, upstream }, index) => ({ publishedName: names[index] as string, server, tool, upstream }));
  }
}
