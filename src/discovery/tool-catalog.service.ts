import { Injectable, Logger } from '@nestjs/common';
import { type McpTool, publishNames, selectTools } from '@app/mcp-openapi';
import type { Upstream } from '../mcp-client/upstream.js';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import type { CatalogEntry, CatalogSnapshot } from './catalog-snapshot.js';
import { GATEWAY_STATUS_ENTRY } from './gateway-status.js';

interface ServerList {
  readonly tools: readonly McpTool[];
  /** Each listed tool as text, to see what a new list changes. */
  readonly texts: readonly string[];
}

/** What all servers offer, as of their last good lists. Readers take a snapshot and keep it: they see one list or the next, never a mix. */
@Injectable()
export class ToolCatalog {
  private readonly logger = new Logger('discovery');
  private readonly lists = new Map<Upstream, ServerList>();
  private readonly listeners: (() => void)[] = [];
  private current: CatalogSnapshot;

  constructor(private readonly mcpClient: McpClient) {
    this.current = this.build(1);
  }

  /** Calls the listener after each new snapshot. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  snapshot(): CatalogSnapshot {
    return this.current;
  }

  /** Takes over what a server listed; true if that changed anything. */
  replace(upstream: Upstream, listed: readonly unknown[]): boolean {
    const { tools, warnings } = selectTools(listed);
    const texts = tools.map((tool) => JSON.stringify(tool));
    const last = this.lists.get(upstream);
    if (last && isSame(last.texts, texts)) return false;
    for (const warning of warnings) this.logger.warn({ msg: 'odd tool in the list', upstream: upstream.name, warning });
    this.lists.set(upstream, { tools: last ? withKnown(tools, texts, last) : tools, texts });
    this.current = this.build(this.current.revision + 1);
    this.logger.log({ msg: 'tools listed', upstream: upstream.name, tools: tools.length, revision: this.current.revision });
    for (const listener of this.listeners) listener();
    return true;
  }

  private build(revision: number): CatalogSnapshot {
    const unlisted = this.mcpClient.upstreams.filter((upstream) => !this.lists.has(upstream));
    const entries = this.lists.size === 0 ? [GATEWAY_STATUS_ENTRY] : this.publish();
    const byName = new Map(entries.map((entry) => [entry.publishedName, entry]));
    return { revision, entries: byName, byRealName: byRealName(entries, byName), unlisted };
  }

  private publish(): CatalogEntry[] {
    const listed = this.mcpClient.upstreams.flatMap((upstream) =>
      (this.lists.get(upstream)?.tools ?? []).map((tool) => ({ server: upstream.name, name: tool.name, tool, upstream })),
    );
    const names = publishNames(listed, 'bare');
    return listed.map(({ server, tool, upstream }, index) => ({ publishedName: names[index] as string, server, tool, upstream }));
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, index) => text === others[index]);
}

/** A tool that says the same as before stays the same object: what was made from it, validator and documents, goes on serving. */
function withKnown(tools: readonly McpTool[], texts: readonly string[], known: ServerList): McpTool[] {
  const byText = new Map(known.texts.map((text, index) => [text, known.tools[index] as McpTool]));
  return tools.map((tool, index) => byText.get(texts[index] as string) ?? tool);
}

function byRealName(entries: readonly CatalogEntry[], published: ReadonlyMap<string, CatalogEntry>): Map<string, CatalogEntry> {
  const found = new Map<string, CatalogEntry>();
  const shared = new Set<string>();
  for (const entry of entries) {
    const { name } = entry.tool;
    if (found.has(name)) shared.add(name);
    if (!published.has(name)) found.set(name, entry);
  }
  for (const name of shared) found.delete(name);
  return found;
}
