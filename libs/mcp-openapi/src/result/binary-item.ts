import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { ofDataUri } from './data-uri.js';
import { plainText } from '../plain-text.js';

/** Bytes in an item of content or in structuredContent, as base64, and what is said of them. */
export interface Binary {
  /** `audio`, `resource`, `image`. */
  readonly kind: string;
  readonly uri: unknown;
  readonly mimeType: unknown;
  readonly data: string;
  /** The text that holds them, as it stands there: `data`, or a data URI. */
  readonly written: string;
}

const MAX_NAME_LENGTH = 200;

/** The bytes of an item of content (MCP server/tools "Tool Result"), of a kind that is known or not; undefined for one that has none. */
export function binaryOf(item: unknown): Binary | undefined {
  if (!isJsonObject(item)) return undefined;
  const { type, mimeType, data, resource } = item;
  if (type === 'resource') return isJsonObject(resource) ? blobOf(resource) : undefined;
  if (typeof type !== 'string' || typeof data !== 'string') return undefined;
  const binary = toBinary(type, undefined, mimeType, data);
  return typeof binary.mimeType === 'string' || type === 'image' || type === 'audio' ? binary : undefined;
}

/** The bytes of the contents of a resource (MCP server/resources "Binary Content"). */
export function blobOf({ uri, mimeType, blob }: JsonObject): Binary | undefined {
  if (typeof blob !== 'string') return undefined;
  const binary = toBinary('resource', uri, mimeType, blob);
  return typeof uri === 'string' || typeof binary.mimeType === 'string' ? binary : undefined;
}

/** Some servers write a data URI where base64 belongs. */
function toBinary(kind: string, uri: unknown, mimeType: unknown, written: string): Binary {
  const inUri = ofDataUri(written);
  return { kind, uri, mimeType: mimeType ?? inUri?.mimeType, data: inUri?.data ?? written, written };
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
  const bytes = Math.floor((base64.replace(/[\s=]+/g, '').length * 3) / 4);
  if (bytes < 1_000) return `${bytes} byte${bytes === 1 ? '' : 's'}`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
