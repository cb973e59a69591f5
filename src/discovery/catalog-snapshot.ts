import type { McpTool, PublishedTool } from '@app/mcp-openapi';
import type { Upstream } from '../mcp-client/upstream.js';

/** A tool that callers can see, and where it lives. */
export interface CatalogEntry extends PublishedTool {
  readonly publishedName: string;
  readonly server: string;
  readonly tool: McpTool;
  /** Undefined for a tool of the gateway itself. */
  readonly upstream: Upstream | undefined;
}

/** All tools of one moment. Never changed: a new list is a new snapshot with the next revision. */
export interface CatalogSnapshot {
  readonly revision: number;
  /** By published name, in the order of servers and of their lists. */
  readonly entries: ReadonlyMap<string, CatalogEntry>;
  /** By real name, where it is not the published name of some tool and no two tools share it. */
  readonly byRealName: ReadonlyMap<string, CatalogEntry>;
  /** Servers that have not been listed yet: a tool that is not known may be theirs. */
  readonly unlisted: readonly Upstream[];
}

/** The tool that a caller means: by its published name, else by its real one. */
export function findEntry({ entries, byRealName }: CatalogSnapshot, name: string): CatalogEntry | undefined {
  return entries.get(name) ?? byRealName.get(name);
}
