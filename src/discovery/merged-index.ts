import type { CatalogEntry, ListIndex, ToolIndex } from './catalog-snapshot.js';
import { LazyEntries } from './lazy-entries.js';

/** The tools of several lists as one: it costs nothing for each tool, so that a change costs no more than the list that changed. */
export function merged(parts: readonly ListIndex[]): ToolIndex {
  const [only, ...others] = parts;
  if (only && others.length === 0) return { entries: only.entries, byRealName: only.byRealName };
  const entries = new LazyEntries(parts.map((part) => part.entries));
  return { entries, byRealName: { get: (name) => (entries.has(name) ? undefined : onlyOneOf(parts, name)) } };
}

function onlyOneOf(parts: readonly ListIndex[], name: string): CatalogEntry | undefined {
  let found: CatalogEntry | undefined;
  for (const { byRealName, shared } of parts) {
    const entry = byRealName.get(name);
    if (shared.has(name) || (entry && found)) return undefined;
    found ??= entry;
  }
  return found;
}
