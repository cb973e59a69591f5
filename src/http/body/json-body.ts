import { isUtf8 } from 'node:buffer';
import { duplicateKeyAt, exceedsDepth, type JsonText, syntaxErrorAt } from '@app/mcp-openapi';
import { malformedJson, tooDeep } from '../../errors/gateway-errors.js';

/** Deepest nesting of a body. */
const MAX_JSON_DEPTH = 64;

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Reads JSON in one way only: what two readers could read differently (duplicate keys, broken UTF-8) is refused. A byte order mark before it, as some
 * programs write files, is passed over (RFC 8259 8.1). Throws a 400 that calls it `what`.
 */
export function readJson(bytes: Buffer, what = 'body'): JsonText {
  if (!isUtf8(bytes)) throw malformedJson('bytes that are not UTF-8', invalidUtf8At(bytes), what);
  const given = bytes.toString();
  const text = given.startsWith(BYTE_ORDER_MARK) ? given.slice(BYTE_ORDER_MARK.length) : given;
  if (exceedsDepth(text, MAX_JSON_DEPTH)) throw tooDeep(MAX_JSON_DEPTH, what);
  const value = parse(text, what);
  const duplicate = duplicateKeyAt(text, value);
  if (duplicate) throw malformedJson('a key that the same object has already', duplicate, what);
  return { text, value };
}

/** V8's message echoes the body and often has no position: the place is found anew. */
function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const { message, line, column } = syntaxErrorAt(text) ?? { message: 'unexpected text', line: 1, column: 1 };
    throw malformedJson(message, { line, column }, what);
  }
}

/** Where decoding and encoding again first gives other bytes. */
function invalidUtf8At(bytes: Buffer): { line: number; column: number } {
  const again = Buffer.from(bytes.toString());
  const at = bytes.findIndex((byte, index) => byte !== again[index]);
  // A character that was cut in two by this is the one that is broken.
  const lines = bytes
    .subarray(0, at)
    .toString()
    .replace(/\uFFFD$/, '')
    .split('\n');
  return { line: lines.length, column: [...(lines.at(-1) as string)].length + 1 };
}
