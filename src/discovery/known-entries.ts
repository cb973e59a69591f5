import { setImmediate as nextTurn } from 'node:timers/promises';
import { isSameJson } from '@app/mcp-openapi';

/** What of a list is compared at a stretch. */
const TOOLS_IN_A_TURN = 200;

/**
 * What says the same as before stays the same object: what was made from it, validator and documents, goes on serving.
 * Most lists change in a few places: what has another place than before is looked for by its name.
 */
export async function withKnown(listed: readonly unknown[], last: readonly unknown[]): Promise<unknown[]> {
  const known: unknown[] = [];
  let lastByName: Map<unknown, unknown> | undefined;
  for (const entry of listed) {
    const index = known.length;
    if (index % TOOLS_IN_A_TURN === 0) await nextTurn();
    if (isSameJson(entry, last[index])) {
      known.push(last[index]);
      continue;
    }
    lastByName ??= new Map(last.map((one) => [nameOf(one), one]));
    const before = lastByName.get(nameOf(entry));
    known.push(before !== undefined && isSameJson(entry, before) ? before : entry);
  }
  await nextTurn();
  return known;
}

/** Whether two lists that went through {@link withKnown} are the same. */
export function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((entry, index) => entry === others[index]);
}

function nameOf(entry: unknown): unknown {
  return (entry as { name?: unknown } | null)?.name;
}
