import { type Slices, visitEach } from '@app/mcp-openapi';
import type { CatalogEntry, ListIndex } from './catalog-snapshot.js';

/** `entries` under `names`, and under what `realName` says where that leaves no doubt. */
export function* toIndex(
  entries: readonly CatalogEntry[],
  names: readonly string[],
  realName: (entry: CatalogEntry) => string,
): Slices<ListIndex> {
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
  return { entries: published, byRealName: real, shared };
}
