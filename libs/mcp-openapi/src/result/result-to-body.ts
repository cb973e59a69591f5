import { elementTexts, memberText } from '../json-text/index.js';
import type { ToolResult } from '../tool-outcome.js';
import { htmlOf, type ImageItem, imageOf, imageToJson, textOf, textToJson } from './content-item.js';
import { asksForMore, preferredType } from './preferred-type.js';
import { jsonBody, type ResponseBody } from './response-body.js';

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain';
const WHOLE_RESULT_TYPE = 'application/vnd.mcp+json';

/** What the server's operator allows beyond JSON, text and images. */
interface ResultOptions {
  /** One embedded HTML resource is answered as a page that Open WebUI shows in the chat. */
  readonly inlineHtml?: boolean;
}

/**
 * The body of a successful call, JSON unless `accept` prefers text, an image or the whole CallToolResult. Numbers and
 * key order are the server's: its own text is sliced, never written anew. Total; an `accept` that nothing fits is answered with JSON.
 */
export function resultToBody(result: ToolResult, accept?: string, options?: ResultOptions): ResponseBody {
  const wants = asksForMore(accept) ? accept : undefined;
  if (wants !== undefined && /vnd\.mcp\+json/i.test(wants) && preferredType(wants, [JSON_TYPE, WHOLE_RESULT_TYPE]) === WHOLE_RESULT_TYPE) {
    return { contentType: WHOLE_RESULT_TYPE, body: result.text };
  }
  const { content, structuredContent } = result.value;
  if (structuredContent !== undefined && structuredContent !== null) return structuredBody(result);
  if (!Array.isArray(content)) return jsonBody(result.text);
  if (content.length === 1) return singleBody(result, content[0], wants, options);
  return jsonBody(`[${itemsToJson(result).join(',')}]`);
}

/** structuredContent alone, unless items other than its text twin stand beside it: then all of them in an array. */
function structuredBody(result: ToolResult): ResponseBody {
  const structured = memberText(result.text, 'structuredContent') ?? JSON.stringify(result.value.structuredContent);
  const content: readonly unknown[] = Array.isArray(result.value.content) ? result.value.content : [];
  if (content.every((item) => textOf(item) !== undefined)) return jsonBody(structured);
  const twin = JSON.stringify(result.value.structuredContent);
  const others = itemsToJson(result).filter((json, index) => textOf(content[index]) === undefined || !isTwin(json, twin));
  return jsonBody(`[${[structured, ...others].join(',')}]`);
}

function isTwin(json: string, twin: string): boolean {
  return json === twin || JSON.stringify(JSON.parse(json)) === twin;
}

function singleBody(result: ToolResult, item: unknown, wants: string | undefined, options: ResultOptions | undefined): ResponseBody {
  const text = textOf(item);
  if (text !== undefined) {
    if (wants !== undefined && preferredType(wants, [JSON_TYPE, TEXT_TYPE]) === TEXT_TYPE)
      return { contentType: 'text/plain; charset=utf-8', body: text };
    return jsonBody(textToJson(text));
  }
  const image = imageOf(item);
  if (image) return imageBody(image, wants);
  const html = options?.inlineHtml ? htmlOf(item) : undefined;
  if (html !== undefined) return { contentType: 'text/html; charset=utf-8', body: html, headers: { 'Content-Disposition': 'inline' } };
  return jsonBody(itemsToJson(result)[0] as string);
}

function imageBody(image: ImageItem, wants: string | undefined): ResponseBody {
  if (wants !== undefined && preferredType(wants, [JSON_TYPE, image.mimeType]) === image.mimeType) {
    const bytes = Buffer.from(image.data, 'base64');
    if (bytes.toString('base64').replace(/=+$/, '') === image.data.replace(/=+$/, '')) return { contentType: image.mimeType, body: bytes };
  }
  return jsonBody(imageToJson(image));
}

/** Each item as JSON: texts and images as a single one would be, anything else whole, in the server's own text. */
function itemsToJson(result: ToolResult): string[] {
  const items = result.value.content as readonly unknown[];
  let raw: string[] | undefined;
  return items.map((item, index) => {
    const text = textOf(item);
    if (text !== undefined) return textToJson(text);
    const image = imageOf(item);
    if (image) return imageToJson(image);
    raw ??= elementTexts(memberText(result.text, 'content') ?? '[]');
    return raw[index] ?? JSON.stringify(item);
  });
}
