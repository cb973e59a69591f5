import { type McpTool, type NameStyle, type PublishedTool, type Slices, visitEach } from '@app/mcp-openapi';
import type { Upstream } from '../mcp-client/upstream.js';

/** A tool that callers can see, and where it lives. */
export interface CatalogEntry extends PublishedTool {
  /** Its name where all servers are merged. */
  readonly publishedName: string;
  readonly server: string;
  readonly tool: McpTool;
  /** Undefined for a tool of the gateway itself. */
  readonly upstream: Upstream | undefined;
}

/** Tools by name. */
export interface ToolIndex {
  /** By published name, in the order of servers and of their lists. */
  readonly entries: ReadonlyMap<string, CatalogEntry>;
  /** By real name, where it is not the published name of some tool and no two tools share it. */
  readonly byRealName: ReadonlyMap<string, CatalogEntry>;
}

/** The tools of one server under the names of its own document, which need no server in front. */
export interface ServerTools extends ToolIndex {
  readonly name: string;
  /** Undefined for a server that its configuration keeps from being started. */
  readonly upstream: Upstream | undefined;
}

/** All tools of one moment. Never changed: a new list is a new snapshot with the next revision. */
export interface CatalogSnapshot extends ToolIndex {
  readonly revision: number;
  readonly naming: NameStyle;
  readonly servers: ReadonlyMap<string, ServerTools>;
  /** Servers that have not been listed yet: a tool that is not known may be theirs. */
  readonly unlisted: readonly Upstream[];
}

/** The tool that a caller means: by its published name, else by its real one; with `server` by its name in that server's own document. */
export function findEntry(snapshot: CatalogSnapshot, name: string, server?: string): CatalogEntry | undefined {
  const index = server === undefined ? snapshot : snapshot.servers.get(server);
  return index?.entries.get(name) ?? index?.byRealName.get(name);
}

/** `entries` under `names`, and under what `realName` says where that leaves no doubt. */
export function* toIndex(
  entries: readonly CatalogEntry[],
  names: readonly string[],
  realName: (entry: CatalogEntry) => string,
): Slices<ToolIndex> {
  const published = new Map<string, CatalogEntry>();
  yield* visitEach(entries, (entry, index) => published.set(names[index] as string, entry));
  const real = new Map<string, CatalogEntry>();
  const shared = new Set<string>();
  yield* visitEach(entries, (entry) => {
    const name = realName(entry);
    if (real.has(name)) shared.add(name);
    if (!published.has(name)) real.set(name, entry);
  });
  for (const name of shared) real.delete(name);
  return { entries: published, byRealName: real };
}
