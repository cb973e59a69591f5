/// <reference lib="es2024.string" />
import { isJsonObject } from '../json-object.js';
import { ofDataUri } from './data-uri.js';
import { isJsonText, type JsonPiece, quoted } from '../json-text/index.js';

/** The text of a text item (MCP server/tools "Text Content"), undefined for any other item. */
export function textOf(item: unknown): string | undefined {
  return isJsonObject(item) && item['type'] === 'text' && typeof item['text'] === 'string' ? item['text'] : undefined;
}

/** An image item that is what it says: a mime type `image/...` and base64 data. */
export interface ImageItem {
  readonly mimeType: string;
  readonly data: string;
}

const IMAGE_MIME_TYPE = /^image\/[a-z0-9][a-z0-9.+-]{0,126}$/;

/** The image of an image item, undefined for any other item and for one whose mime type is no image's. */
export function imageOf(item: unknown): ImageItem | undefined {
  return isJsonObject(item) && item['type'] === 'image' ? toImage(item['mimeType'], item['data']) : undefined;
}

/** The image that an embedded resource is, with its bytes (MCP server/tools "Embedded Resources"), undefined for any other item. */
export function embeddedImageOf(item: unknown): ImageItem | undefined {
  if (!isJsonObject(item) || item['type'] !== 'resource' || !isJsonObject(item['resource'])) return undefined;
  return toImage(item['resource']['mimeType'], item['resource']['blob']);
}

/** Some servers send a data URI as the data. */
function toImage(mimeType: unknown, data: unknown): ImageItem | undefined {
  if (typeof data !== 'string') return undefined;
  const inUri = ofDataUri(data);
  const typeInUri = imageType(inUri?.mimeType);
  if (inUri && typeInUri !== undefined) return { mimeType: typeInUri, data: inUri.data };
  const type = imageType(mimeType);
  return type === undefined ? undefined : { mimeType: type, data };
}

/** In the way that readers of data URIs look for: small letters, without parameters (RFC 9110 8.3.1). */
function imageType(mimeType: unknown): string | undefined {
  const type = typeof mimeType === 'string' ? mimeType.split(';', 1)[0]?.trim().toLowerCase() : undefined;
  return type !== undefined && IMAGE_MIME_TYPE.test(type) ? type : undefined;
}

/** The HTML of an embedded HTML resource (MCP server/tools "Embedded Resources"), undefined for any other item. */
export function htmlOf(item: unknown): string | undefined {
  if (!isJsonObject(item) || item['type'] !== 'resource' || !isJsonObject(item['resource'])) return undefined;
  const { mimeType, text } = item['resource'];
  return typeof mimeType === 'string' && /^text\/html(?:$|[;\s])/i.test(mimeType) && typeof text === 'string' ? text : undefined;
}

/** A text as JSON: as it is when it is JSON, byte for byte, else as a JSON string. */
export function textToJson(text: string): JsonPiece {
  return isJsonText(text) ? wellFormedJson(text) : quoted(text);
}

/** An image as a JSON string that holds a data URI; some servers send one already. */
export function imageToJson({ mimeType, data }: ImageItem): JsonPiece {
  return /^data:image\//i.test(data) ? quoted(data) : quoted(data, `data:${mimeType};base64,`);
}

/** Lone surrogates, which UTF-8 cannot carry, as the escapes that JSON has for them; they stand in strings, for the text is JSON. */
function wellFormedJson(text: string): string {
  return text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}
