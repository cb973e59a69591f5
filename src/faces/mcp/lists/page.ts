import type { McpBounds } from '../bounds.js';
import { invalidParams } from '../rpc/rpc.js';

/** An item of a list: what it is called there, and its JSON text. */
export interface Item {
  readonly key: string;
  readonly text: () => string;
}

interface Page {
  readonly texts: readonly string[];
  readonly nextCursor: string | undefined;
}

/**
 * The page of a list behind `cursor`, or the first (MCP server/utilities/pagination): a cursor names the last item, so that items that come and
 * go meanwhile move nobody's place. Throws for a cursor that is none.
 */
export function pageOf(items: Iterable<Item>, cursor: unknown, { pageItems, pageCharacters }: McpBounds): Page {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const all = [...items];
  const start = after === undefined ? 0 : startAfter(all, after);
  const texts: string[] = [];
  let characters = 0;
  for (let at = start; at < all.length; at += 1) {
    const text = (all[at] as Item).text();
    const isFull = texts.length >= pageItems || (texts.length > 0 && characters + text.length > pageCharacters);
    if (isFull) return { texts, nextCursor: toCursor(at - 1, (all[at - 1] as Item).key) };
    texts.push(text);
    characters += text.length;
  }
  return { texts, nextCursor: undefined };
}

interface Place {
  readonly index: number;
  readonly key: string;
}

/** Where the item is gone, its place is as good. */
function startAfter(all: readonly Item[], { index, key }: Place): number {
  if (all[index]?.key === key) return index + 1;
  const found = all.findIndex((item) => item.key === key);
  return found === -1 ? index : found + 1;
}

function toCursor(index: number, key: string): string {
  return Buffer.from(JSON.stringify([index, key])).toString('base64url');
}

function readCursor(cursor: unknown): Place {
  const [index, key] = parsed(cursor);
  if (!Number.isSafeInteger(index) || (index as number) < 0 || typeof key !== 'string') throw invalidParams('Invalid cursor');
  return { index: index as number, key };
}

function parsed(cursor: unknown): readonly unknown[] {
  if (typeof cursor !== 'string') return [];
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? (value as unknown[]) : [];
  } catch {
    return [];
  }
}
