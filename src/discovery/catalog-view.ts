import type { CatalogEntry, CatalogSnapshot, ServerTools, ToolIndex } from './catalog-snapshot.js';

/** What somebody may see. */
export interface Sight {
  permitsServer(name: string): boolean;
  permitsTool(entry: CatalogEntry): boolean;
}

/**
 * The catalogue as somebody sees it who may not see everything; tools keep their names. What nothing is missing from stays the same
 * object. The tools of the gateway itself are everybody's.
 */
export function viewOf(snapshot: CatalogSnapshot, sight: Sight): CatalogSnapshot {
  const isSeen = (entry: CatalogEntry): boolean => entry.upstream === undefined || sight.permitsTool(entry);
  const servers = [...snapshot.servers.values()].filter(({ name }) => sight.permitsServer(name));
  const unlisted = snapshot.unlisted.filter(({ name }) => sight.permitsServer(name));
  const index = indexOf(snapshot, isSeen);
  const views = servers.map((server) => serverView(server, isSeen));
  const isWhole = index === snapshot && views.length === snapshot.servers.size && unlisted.length === snapshot.unlisted.length;
  if (isWhole && views.every((view) => snapshot.servers.get(view.name) === view)) return snapshot;
  const { entries, byRealName } = index;
  return { ...snapshot, entries, byRealName, servers: new Map(views.map((view) => [view.name, view])), unlisted };
}

function serverView(server: ServerTools, isSeen: (entry: CatalogEntry) => boolean): ServerTools {
  const index = indexOf(server, isSeen);
  return index === server ? server : { ...server, ...index };
}

function indexOf(index: ToolIndex, isSeen: (entry: CatalogEntry) => boolean): ToolIndex {
  const entries = [...index.entries].filter(([, entry]) => isSeen(entry));
  if (entries.length === index.entries.size) return index;
  return { entries: new Map(entries), byRealName: new Map([...index.byRealName].filter(([, entry]) => isSeen(entry))) };
}
