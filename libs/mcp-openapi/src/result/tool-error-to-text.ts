import { isJsonObject } from '../json-object.js';
import { memberText } from '../json-text/index.js';
import type { ToolResult } from '../tool-outcome.js';
import { shownText } from '../plain-text.js';
import { textOf } from './content-item.js';

/** Of a tool's own no a caller is told so many characters. */
const MAX_LENGTH = 16_000;

/** The words of an `isError` result as they may be shown to a person or a model: its texts, a line each, other items by what they are. */
export function toolErrorToText(result: ToolResult): string {
  const content: readonly unknown[] = Array.isArray(result.value.content) ? result.value.content : [];
  const text = content.map((item) => textOf(item) ?? mentionOf(item)).join('\n');
  return shownText(text || memberText(result.text, 'structuredContent') || 'The tool failed and gave no reason.', MAX_LENGTH);
}

function mentionOf(item: unknown): string {
  if (!isJsonObject(item)) return '[unknown content]';
  const resource = isJsonObject(item['resource']) ? item['resource'] : item;
  const name = [resource['uri'], resource['mimeType']].filter((part) => typeof part === 'string').join(' ');
  const type = typeof item['type'] === 'string' ? item['type'] : 'unknown content';
  return name ? `[${type}: ${name}]` : `[${type}]`;
}
