import type { McpTool, NameStyle, PublishedTool } from '@app/mcp-openapi';
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
  readonly byRealName: Pick<ReadonlyMap<string, CatalogEntry>, 'get'>;
}

/** Tools of one list by name. */
export interface ListIndex extends ToolIndex {
  readonly byRealName: ReadonlyMap<string, CatalogEntry>;
  /** Real names that more than one tool has. */
  readonly shared: ReadonlySet<string>;
}

/** The tools of one server under the names of its own document, which need no server in front. */
export interface ServerTools extends ListIndex {
  readonly name: string;
  /** Undefined for a server that its configuration keeps from being started. */
  readonly upstream: Upstream | undefined;
}

/** All tools of one moment. Never changed: a new list is a new snapshot with the next revision. */
export interface CatalogSnapshot extends ToolIndex {
  readonly revision: number;
  readonly naming: NameStyle;
  /** What the index is made of, in the order of the servers. */
  readonly parts: readonly ListIndex[];
  readonly servers: ReadonlyMap<string, ServerTools>;
  /** Servers that have not been listed yet: a tool that is not known may be theirs. */
  readonly unlisted: readonly Upstream[];
}

/** The tool that a caller means: by its published name, else by its real one; with `server` by its name in that server's own document. */
export function findEntry(snapshot: CatalogSnapshot, name: string, server?: string): CatalogEntry | undefined {
  const index = server === undefined ? snapshot : snapshot.servers.get(server);
  return index?.entries.get(name) ?? index?.byRealName.get(name);
}
