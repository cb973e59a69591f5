import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { plainText } from '../plain-text.js';

/** Bytes in an item of content or in structuredContent, as base64, and what is said of them. */
export interface Binary {
  /** `audio`, `resource`, `image`. */
  readonly kind: string;
  readonly uri: unknown;
  readonly mimeType: unknown;
  readonly data: string;
}

const MAX_NAME_LENGTH = 200;

/** The bytes of an item of content (MCP server/tools "Tool Result"), of a kind that is known or not; undefined for one that has none. */
export function binaryOf(item: unknown): Binary | undefined {
  if (!isJsonObject(item)) return undefined;
  const { type, mimeType, data, resource } = item;
  if (type === 'resource') return isJsonObject(resource) ? blobOf(resource) : undefined;
  const isBinary = typeof data === 'string' && (typeof mimeType === 'string' || type === 'image' || type === 'audio');
  return isBinary && typeof type === 'string' ? { kind: type, uri: undefined, mimeType, data } : undefined;
}

/** The bytes of the contents of a resource (MCP server/resources "Binary Content"). */
export function blobOf({ uri, mimeType, blob }: JsonObject): Binary | undefined {
  const isNamed = typeof uri === 'string' || typeof mimeType === 'string';
  return isNamed && typeof blob === 'string' ? { kind: 'resource', uri, mimeType, data: blob } : undefined;
}

/** What a model is told in place of bytes: what they are and how many, and of a tool that may run again how all of it is had. */
export function describeBinary({ kind, uri, mimeType, data }: Binary, isReadOnly: boolean): string {
  const what = [kind, uri].map(inOneLine).filter(Boolean).join(' ');
  const words = [what, inOneLine(mimeType), sizeOf(data)].filter(Boolean).join(', ');
  return `[${words}: not shown.${isReadOnly ? ` ${AGAIN}` : ''}]`;
}

const AGAIN = 'With the header Accept: application/vnd.mcp+json the call runs again and gives all of it.';

function inOneLine(text: unknown): string {
  return plainText(text, MAX_NAME_LENGTH).replace(/\s+/g, ' ');
}

function sizeOf(base64: string): string {
  const bytes = Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
  if (bytes < 1_000) return `${bytes} byte${bytes === 1 ? '' : 's'}`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
