import type { DroppedLine } from './line-splitter.js';

/**
 * The id of a JSON-RPC response of which only the ends are known; undefined if they do not tell. Only what is surely a member of the
 * message itself is believed, never something inside its result: it stands right behind the first brace or right before the last.
 */
export function droppedId({ head, tail }: DroppedLine): string | number | undefined {
  const id = (FIRST.exec(head) ?? LAST.exec(tail))?.[1];
  return id === undefined ? undefined : (JSON.parse(id) as string | number);
}

const ID = String.raw`"id"\s*:\s*(-?\d{1,15}|"[\w-]{1,64}")`;
const VERSION = String.raw`"jsonrpc"\s*:\s*"2\.0"`;
const FIRST = new RegExp(String.raw`^\s*\{\s*(?:${VERSION}\s*,\s*)?${ID}\s*,`);
const LAST = new RegExp(String.raw`,\s*${ID}\s*(?:,\s*${VERSION}\s*)?\}\s*$`);
