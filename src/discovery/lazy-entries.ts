import type { CatalogEntry } from './catalog-snapshot.js';

type Entries = ReadonlyMap<string, CatalogEntry>;

/** Entries of several maps, which share no name, as one map, without a copy; `toEntry` gives what is there in place of one, if anything. */
export class LazyEntries implements Entries {
  constructor(
    private readonly maps: readonly Entries[],
    private readonly toEntry?: (entry: CatalogEntry) => CatalogEntry | undefined,
  ) {}

  get size(): number {
    if (this.toEntry) return [...this].length;
    return this.maps.reduce((size, map) => size + map.size, 0);
  }

  get(name: string): CatalogEntry | undefined {
    for (const map of this.maps) {
      const entry = map.get(name);
      if (entry) return this.toEntry ? this.toEntry(entry) : entry;
    }
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *[Symbol.iterator](): MapIterator<[string, CatalogEntry]> {
    for (const map of this.maps) {
      if (this.toEntry) yield* this.converted(map, this.toEntry);
      else yield* map;
    }
  }

  entries(): MapIterator<[string, CatalogEntry]> {
    return this[Symbol.iterator]();
  }

  *keys(): MapIterator<string> {
    for (const [name] of this) yield name;
  }

  *values(): MapIterator<CatalogEntry> {
    for (const [, entry] of this) yield entry;
  }

  forEach(visit: (entry: CatalogEntry, name: string, map: Entries) => void): void {
    for (const [name, entry] of this) visit(entry, name, this);
  }

  private *converted(map: Entries, toEntry: (entry: CatalogEntry) => CatalogEntry | undefined): MapIterator<[string, CatalogEntry]> {
    for (const [name, before] of map) {
      const entry = toEntry(before);
      if (entry) yield [name, entry];
    }
  }
}
