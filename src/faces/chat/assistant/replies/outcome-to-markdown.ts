import { isJsonObject, plainText, resultToParts, type ToolOutcome, toolErrorToText, type ToolResult } from '@app/mcp-openapi';
import { block, code, inline, table } from './markdown.js';

/** Of a result so many characters are shown. */
const MAX_LENGTH = 16_000;
/** Images of a message have so many characters of base64 together: each following request carries them. */
const MAX_IMAGES = 1_000_000;
const MAX_ITEMS = 100;
const MAX_ROWS = 50;
const MAX_COLUMNS = 8;
const MAX_CELL = 200;

/** The answer of a tool as Markdown (tables for lists, links, images); never binary, and nothing in it that loads by itself. */
export function outcomeToMarkdown(name: string, outcome: ToolOutcome): string {
  switch (outcome.kind) {
    case 'result':
      return resultToMarkdown(outcome.result) || `${code(name)} is done, and said nothing.`;
    case 'tool_error':
      return `${code(name)} failed:\n\n${block(toolErrorToText(outcome.result))}`;
    case 'rejected':
    case 'unavailable':
    case 'unknown': {
      const wait = outcome.retryAfterSeconds === undefined ? '' : ` Try again in ${outcome.retryAfterSeconds} s.`;
      const ran = outcome.kind === 'unknown' ? 'It may have run.' : 'It did not run.';
      // Most messages say that themselves.
      const isSaid = /may have run|did not run/.test(outcome.message);
      return `${code(name)}: ${inline(outcome.message, 2_000)}${isSaid ? '' : ` ${ran}`}${wait}`;
    }
    default: {
      const exhaustive: never = outcome;
      return exhaustive;
    }
  }
}

function resultToMarkdown(result: ToolResult): string {
  const { structured, items } = resultToParts(result);
  const left = { images: MAX_IMAGES, text: MAX_LENGTH };
  const parts = structured === undefined ? [] : [valueToMarkdown(structured)];
  for (const item of items.slice(0, MAX_ITEMS)) parts.push(itemToMarkdown(item, left));
  return parts.filter(Boolean).join('\n\n');
}

/** What may still be shown. */
interface Left {
  images: number;
  text: number;
}

function itemToMarkdown(item: unknown, left: Left): string {
  if (!isJsonObject(item)) return '';
  const { type, text, uri, name, resource } = item;
  if (type === 'text') return typeof text !== 'string' ? '' : textToMarkdown(text, left);
  if (type === 'resource_link') return link(uri, name);
  if (type === 'resource' && isJsonObject(resource)) {
    if (typeof resource['text'] === 'string') return `${link(resource['uri'], undefined)}\n\n${block(cut(resource['text'], left))}`;
    return image(resource['mimeType'], resource['blob'], left) ?? describe('resource', resource['mimeType'], resource['blob']);
  }
  return (
    image(item['mimeType'], item['data'], left) ?? describe(typeof type === 'string' ? type : 'content', item['mimeType'], item['data'])
  );
}

function textToMarkdown(text: string, left: Left): string {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed) && trimmed.length <= MAX_IMAGES) {
    try {
      return valueToMarkdown(JSON.parse(trimmed));
    } catch {
      // It only looks like JSON.
    }
  }
  if (trimmed === '') return '';
  return /\n/.test(trimmed) ? block(cut(text, left)) : inline(cut(trimmed, left), MAX_LENGTH);
}

function cut(text: string, left: Left): string {
  const shown = plainTextOf(text, Math.max(200, left.text));
  left.text = Math.max(0, left.text - shown.length);
  return shown;
}

function plainTextOf(text: string, maxLength: number): string {
  return plainText(text, maxLength);
}

/** A list of objects as a table, an object that holds one such list as that; else fields a line each. */
function valueToMarkdown(value: unknown): string {
  if (Array.isArray(value)) return listToMarkdown(value);
  if (!isJsonObject(value)) return inline(String(value), MAX_LENGTH);
  const entries = Object.entries(value).slice(0, MAX_ITEMS);
  if (entries.length === 0) return 'Nothing.';
  const lists = entries.filter(([, inner]) => Array.isArray(inner) && inner.some(isJsonObject));
  const fields = entries.filter((entry) => !lists.includes(entry));
  const told = fields.map(([key, inner]) => `- **${inline(key, 100)}**: ${cell(inner)}`).join('\n');
  return [told, ...lists.map(([key, list]) => `**${inline(key, 100)}**\n\n${listToMarkdown(list as unknown[])}`)]
    .filter(Boolean)
    .join('\n\n');
}

function listToMarkdown(list: readonly unknown[]): string {
  if (list.length === 0) return 'Nothing.';
  const shown = list.slice(0, MAX_ROWS);
  const more = list.length > shown.length ? `\n\nand ${list.length - shown.length} more.` : '';
  if (!shown.every(isJsonObject)) return shown.map((item) => `- ${cell(item)}`).join('\n') + more;
  const columns = [...new Set(shown.flatMap((row) => Object.keys(row)))].slice(0, MAX_COLUMNS);
  const rows = shown.map((row) => columns.map((column) => (Object.hasOwn(row, column) ? cell(row[column]) : '')));
  return (
    table(
      columns.map((column) => inline(column, 60)),
      rows,
    ) + more
  );
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return webLink(value) ?? inline(String(value), MAX_CELL);
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return inline(value.slice(0, MAX_ROWS).join(', '), MAX_CELL);
  return inline(JSON.stringify(value), MAX_CELL);
}

/** Only addresses of the web are made links, and only where they break nothing. */
const WEB = /^https?:\/\/[^\s()<>[\]|\\`"]{1,1000}$/i;

function webLink(value: unknown): string | undefined {
  return typeof value === 'string' && WEB.test(value) ? `<${value}>` : undefined;
}

function link(uri: unknown, name: unknown): string {
  if (typeof uri !== 'string') return '';
  const label = typeof name === 'string' && name !== '' ? name : uri;
  return WEB.test(uri) ? `[${inline(label, 200)}](${uri})` : `${label === uri ? '' : `${inline(label, 200)}: `}${code(uri, 1_000)}`;
}

const IMAGE = /^image\/[a-z0-9][a-z0-9.+-]{0,60}$/i;

function image(mimeType: unknown, data: unknown, left: Left): string | undefined {
  if (typeof mimeType !== 'string' || !IMAGE.test(mimeType) || typeof data !== 'string' || data.length > left.images) return undefined;
  const base64 = data.replace(/^data:[^,]{0,100},/, '');
  if (!/^[\w+/]+={0,2}$/.test(base64)) return undefined;
  left.images -= data.length;
  return `![image](data:${mimeType};base64,${base64})`;
}

function describe(kind: string, mimeType: unknown, data: unknown): string {
  const bytes = typeof data === 'string' ? `, ${Math.floor((data.length * 3) / 4)} bytes` : '';
  return `(${inline(kind, 60)}${typeof mimeType === 'string' ? `, ${inline(mimeType, 100)}` : ''}${bytes}: not shown)`;
}
