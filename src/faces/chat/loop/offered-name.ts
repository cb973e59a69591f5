import type { CatalogEntry } from '../../../discovery/catalog-snapshot.js';

const MAX_LENGTH = 64;

/** The name under which a model is offered a tool: its published one, or `{server}_{tool}` where that is taken, with a number where that is, too. */
export function offeredName(entry: Pick<CatalogEntry, 'publishedName' | 'server' | 'tool'>, taken: ReadonlySet<string>): string {
  const { publishedName, server, tool } = entry;
  if (!taken.has(publishedName)) return publishedName;
  const name = legal(`${server}_${tool.name}`);
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : `_${number}`;
    const candidate = `${name.slice(0, MAX_LENGTH - suffix.length)}${suffix}`;
    if (!taken.has(candidate)) return candidate;
  }
}

function legal(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]+/g, '_');
}
