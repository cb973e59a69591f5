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
  /** Servers that have not been listed yet: a tool that is not known may be theirs. */
  readonly unlisted: readonly Upstream[];
}
