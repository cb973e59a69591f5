import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { type Binary, binaryOf, blobOf } from './binary-item.js';
import { imageOf } from './content-item.js';

/**
 * The text of structuredContent with what takes the place of bytes in it: in items of content and contents of resources that it repeats, `toText`
 * gives the string for each. The rest stays as it was written.
 */
export function withoutBinary(text: string, value: unknown, toText: (binary: Binary) => string): string {
  if (!/"(?:data|blob)"/.test(text)) return text;
  const replaced = new Map(binariesIn(value).map((binary) => [binary.written, JSON.stringify(toText(binary))]));
  if (replaced.size === 0) return text;
  return text.replace(STRING, (whole: string, inner: string, colon?: string) => {
    if (colon !== undefined) return whole;
    return replaced.get(inner.includes('\\') ? (JSON.parse(`"${inner}"`) as string) : inner) ?? whole;
  });
}

/** A string, with the colon behind it where it is a key. Bytes may have line breaks, or slashes written as `\/`. */
const STRING = /"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?/g;

function binariesIn(value: unknown): Binary[] {
  const found: Binary[] = [];
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    const binary = isJsonObject(node) ? binaryIn(node) : undefined;
    if (binary) found.push(binary);
    for (const inner of Object.values(node)) pending.push(inner);
  }
  return found;
}

/** Only what MCP itself has: any other object may call its texts `data`. */
function binaryIn(node: JsonObject): Binary | undefined {
  if (node['type'] === 'image' || node['type'] === 'audio') return binaryOf(node);
  return blobOf(node);
}

/** The data URI of bytes that are an image. */
export function imageUriOf({ mimeType, data }: Binary): string | undefined {
  const image = imageOf({ type: 'image', mimeType, data });
  return image && `data:${image.mimeType};base64,${image.data}`;
}
