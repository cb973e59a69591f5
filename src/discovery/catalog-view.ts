import type { CatalogEntry, CatalogSnapshot, ListIndex, ServerTools } from './catalog-snapshot.js';
import { merged } from './merged-index.js';

/** What somebody may see. */
interface CatalogPermissions {
  permitsServer(name: string): boolean;
  permitsTool(entry: CatalogEntry): boolean;
}

/**
 * The catalogue as somebody sees it who may not see everything; tools keep their names. What nothing is missing from stays the same
 * object. The tools of the gateway itself are everybody's.
 */
export function viewOf(snapshot: CatalogSnapshot, permissions: CatalogPermissions): CatalogSnapshot {
  const isSeen = (entry: CatalogEntry): boolean => entry.upstream === undefined || permissions.permitsTool(entry);
  const servers = [...snapshot.servers.values()].filter(({ name }) => permissions.permitsServer(name));
  const unlisted = snapshot.unlisted.filter(({ name }) => permissions.permitsServer(name));
  const parts = snapshot.parts.map((part) => seenOf(part, isSeen));
  const views = servers.map((server) => serverView(server, isSeen));
  const isWhole = views.length === snapshot.servers.size && unlisted.length === snapshot.unlisted.length;
  const isSame = parts.every((part, index) => part === snapshot.parts[index]);
  if (isWhole && isSame && views.every((view) => snapshot.servers.get(view.name) === view)) return snapshot;
  return { ...snapshot, ...merged(parts), parts, servers: new Map(views.map((view) => [view.name, view])), unlisted };
}

function serverView(server: ServerTools, isSeen: (entry: CatalogEntry) => boolean): ServerTools {
  const index = seenOf(server, isSeen);
  return index === server ? server : { ...server, ...index };
}

function seenOf(index: ListIndex, isSeen: (entry: CatalogEntry) => boolean): ListIndex {
  const entries = [...index.entries].filter(([, entry]) => isSeen(entry));
  if (entries.length === index.entries.size) return index;
  const byRealName = new Map([...index.byRealName].filter(([, entry]) => isSeen(entry)));
  return { entries: new Map(entries), byRealName, shared: index.shared };
}
