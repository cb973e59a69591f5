import { type McpTool, perTool } from '@app/mcp-openapi';
import type { Upstream } from '../../mcp-client/upstream.js';
import type { CatalogEntry, ListIndex, ServerTools } from '../catalog-snapshot.js';
import { LazyEntries } from '../lazy-entries.js';
import { isServed } from '../tool-filter.js';

/** What a server listed, and what of it is published. */
export interface ServerList {
  readonly tools: readonly McpTool[];
  /** What the server listed: more than the tools where some are left out. */
  readonly listed: readonly unknown[];
  /** Under the names where all servers are merged, */
  readonly merged: ListIndex;
  /** and under those of the server's own document. */
  readonly own: ServerTools;
}

/**
 * The list of a server in the hands of the one that took its place: on that one's connection, and what its settings do not serve is gone.
 * What they serve more than before is not there yet.
 */
export function inherited(list: ServerList, heir: Upstream): ServerList {
  const handedOver = perTool((before: CatalogEntry): CatalogEntry => ({ ...before, upstream: heir }));
  const toEntry = (before: CatalogEntry) => (isServed(before.tool.name, heir.settings) ? handedOver(before) : undefined);
  const indexOf = ({ entries, byRealName, shared }: ListIndex): ListIndex => {
    return { entries: new LazyEntries([entries], toEntry), byRealName: new LazyEntries([byRealName], toEntry), shared };
  };
  return { ...list, merged: indexOf(list.merged), own: { name: heir.name, upstream: heir, ...indexOf(list.own) } };
}
