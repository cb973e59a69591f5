import { isUtf8 } from 'node:buffer';
import { duplicateKeyAt, exceedsDepth, syntaxErrorAt } from '@app/mcp-openapi';
import { badRequest, malformedJson } from '../errors/http-errors.js';

/** Deepest nesting of a body. */
export const MAX_JSON_DEPTH = 64;

/** A JSON body as text and as parsed; both say the same. */
export interface JsonBody {
  readonly text: string;
  readonly value: unknown;
}

/** Reads JSON in one way only: what two readers could read differently (duplicate keys, broken UTF-8) is refused. Throws a 400. */
export function readJson(bytes: Buffer): JsonBody {
  if (!isUtf8(bytes)) throw badRequest('malformed_json', 'The body is not UTF-8.');
  const text = bytes.toString();
  if (exceedsDepth(text, MAX_JSON_DEPTH)) throw badRequest('validation_error', `The body is nested deeper than ${MAX_JSON_DEPTH} levels.`);
  const value = parse(text);
  const duplicate = duplicateKeyAt(text, value);
  if (duplicate) throw malformedJson('a key that the same object has already', duplicate);
  return { text, value };
}

/** V8's message echoes the body and often has no position: the place is found anew. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const { message, line, column } = syntaxErrorAt(text) ?? { message: 'unexpected text', line: 1, column: 1 };
    throw malformedJson(message, { line, column });
  }
}
