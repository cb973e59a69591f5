import { isJsonObject } from '../json-object.js';
import { exceedsDepth } from '../json-text/index.js';
import type { JsonObject } from '../mcp-types.js';

/** As deep as the body of a call may be. */
const MAX_DEPTH = 64;
const MAX_TEXTS = 20;

/**
 * Whether `args` fit once texts that hold a JSON array or object are read: models write them so, and servers in Python read them (FastMCP does for
 * each argument that is no string). `errorKey` gives the argument that a judgement stumbled over. `args` stay as they are.
 */
export function fitsWithParsedTexts(args: JsonObject, errorKey: (args: JsonObject) => string | undefined): boolean {
  let read = args;
  let key = errorKey(read);
  for (let tries = 0; key !== undefined && tries < MAX_TEXTS; tries += 1) {
    const value = Object.hasOwn(read, key) ? containerIn(read[key]) : undefined;
    if (value === undefined) return false;
    read = { ...read, [key]: value };
    key = errorKey(read);
  }
  return key === undefined;
}

function containerIn(text: unknown): unknown {
  if (typeof text !== 'string' || !/^\s*[[{]/.test(text) || exceedsDepth(text, MAX_DEPTH)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) || Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
