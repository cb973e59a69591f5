import { elementTexts, joined, type JsonPiece, memberText } from '../json-text/index.js';
import type { ToolResult } from '../tool-outcome.js';
import { type Binary, binaryOf, describeBinary } from './binary-item.js';
import { embeddedImageOf, htmlOf, type ImageItem, imageOf, imageToJson, textOf, textToJson } from './content-item.js';
import { asksForMore, preferredType } from './preferred-type.js';
import { jsonBody, type ResponseBody } from './response-body.js';
import { imageUriOf, withoutBinary } from './structured-text.js';
import { RepeatedContent } from './repeated-content.js';

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain';
const WHOLE_RESULT_TYPE = 'application/vnd.mcp+json';

/** How the server's operator has results told. */
interface ResultOptions {
  /** One embedded HTML resource is answered as a page that Open WebUI shows in the chat. */
  readonly inlineHtml?: boolean;
  /** Bytes that are no image: described, or kept as the server wrote them, which is what is done unless told. */
  readonly binary?: 'describe' | 'keep';
  /** The tool changes nothing, says its server: a description of bytes tells that the call may be made again for them. */
  readonly isReadOnly?: boolean;
}

/**
 * The body of a successful call, JSON unless `accept` prefers text, an image or the whole CallToolResult. Numbers and
 * key order are the server's: its own text is sliced, never written anew. Total; an `accept` that nothing fits is answered with JSON.
 */
export function resultToBody(result: ToolResult, accept?: string, options: ResultOptions = {}): ResponseBody {
  const wants = asksForMore(accept) ? accept : undefined;
  if (wants !== undefined && /vnd\.mcp\+json/i.test(wants) && preferredType(wants, [JSON_TYPE, WHOLE_RESULT_TYPE]) === WHOLE_RESULT_TYPE) {
    return { contentType: WHOLE_RESULT_TYPE, body: result.text };
  }
  const { content, structuredContent } = result.value;
  if (structuredContent !== undefined && structuredContent !== null) return structuredBody(result, options);
  if (!Array.isArray(content)) return jsonBody(result.text);
  if (content.length === 1) return singleBody(result, content[0], wants, options);
  return listBody(itemsToJson(result, options));
}

/** structuredContent alone, unless items stand beside it that say something else: then all of them in an array. */
function structuredBody(result: ToolResult, options: ResultOptions): ResponseBody {
  const { structuredContent, content } = result.value;
  const written = memberText(result.text, 'structuredContent') ?? JSON.stringify(structuredContent);
  const structured =
    options.binary === 'describe' ? withoutBinary(written, structuredContent, (binary) => wordsFor(binary, options)) : written;
  if (!Array.isArray(content) || content.length === 0) return jsonBody(structured);
  const said = saidAgain(content, new RepeatedContent(structuredContent, written));
  if (said.every(Boolean)) return jsonBody(structured);
  const others = itemsToJson(result, options).filter((_, index) => !said[index]);
  return listBody([structured, ...others]);
}

/** Of each item whether structuredContent says it already. */
function saidAgain(content: readonly unknown[], twins: RepeatedContent): boolean[] {
  let texts = 0;
  return content.map((item) => {
    const text = textOf(item);
    if (text !== undefined) return twins.hasText(text, texts++);
    const binary = binaryOf(item);
    return binary !== undefined && twins.hasData(binary.data);
  });
}

function singleBody(result: ToolResult, item: unknown, wants: string | undefined, options: ResultOptions): ResponseBody {
  const text = textOf(item);
  if (text !== undefined) {
    if (wants !== undefined && preferredType(wants, [JSON_TYPE, TEXT_TYPE]) === TEXT_TYPE)
      return { contentType: 'text/plain; charset=utf-8', body: text };
    return jsonBody(joined([textToJson(text)]));
  }
  const image = imageIn(item, options);
  if (image) return imageBody(image, wants);
  const html = options.inlineHtml ? htmlOf(item) : undefined;
  if (html !== undefined) return { contentType: 'text/html; charset=utf-8', body: html, headers: { 'Content-Disposition': 'inline' } };
  return jsonBody(joined(itemsToJson(result, options)));
}

function listBody(items: readonly JsonPiece[]): ResponseBody {
  const pieces: JsonPiece[] = ['['];
  for (const [index, item] of items.entries()) {
    if (index > 0) pieces.push(',');
    pieces.push(item);
  }
  pieces.push(']');
  return jsonBody(joined(pieces));
}

function imageIn(item: unknown, { binary }: ResultOptions): ImageItem | undefined {
  return imageOf(item) ?? (binary === 'describe' ? embeddedImageOf(item) : undefined);
}

function imageBody(image: ImageItem, wants: string | undefined): ResponseBody {
  if (wants !== undefined && preferredType(wants, [JSON_TYPE, image.mimeType]) === image.mimeType) {
    const bytes = Buffer.from(image.data, 'base64');
    if (bytes.toString('base64').replace(/=+$/, '') === image.data.replace(/=+$/, '')) return { contentType: image.mimeType, body: bytes };
  }
  return jsonBody(joined([imageToJson(image)]));
}

/** Each item as JSON: texts and images as a single one would be, other bytes as the options say, anything else whole, in the server's own text. */
function itemsToJson(result: ToolResult, options: ResultOptions): JsonPiece[] {
  const items = result.value.content as readonly unknown[];
  let raw: string[] | undefined;
  return items.map((item, index) => {
    const text = textOf(item);
    if (text !== undefined) return textToJson(text);
    const image = imageIn(item, options);
    if (image) return imageToJson(image);
    const binary = options.binary === 'describe' ? binaryOf(item) : undefined;
    if (binary) return JSON.stringify(describeBinary(binary, options.isReadOnly === true));
    raw ??= elementTexts(memberText(result.text, 'content') ?? '[]');
    return raw[index] ?? JSON.stringify(item);
  });
}

/** What stands in structuredContent in the place of bytes: an image as a URI, which Open WebUI shows, anything else in words. */
function wordsFor(binary: Binary, { isReadOnly }: ResultOptions): string {
  return imageUriOf(binary) ?? describeBinary(binary, isReadOnly === true);
}
