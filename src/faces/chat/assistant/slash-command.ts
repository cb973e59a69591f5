import { exceedsDepth, hasProtoKey, isJsonObject, type JsonObject, type McpTool } from '@app/mcp-openapi';
import type { Clock } from './sentence/read-dates.js';
import { profileOf } from './tools/tool-profile.js';
import { textToValue } from './values/text-to-value.js';

/** `/name rest`. */
export interface SlashCommand {
  readonly name: string;
  readonly rest: string;
}

/** What follows the name, as arguments; or what is wrong with it. */
type SlashArguments = { readonly arguments: JsonObject } | { readonly problem: string };

const COMMAND = /^\/([\w.-]{1,128})(?:\s+([^]*))?$/;
const KEY = /^([A-Za-z_$][\w.$-]{0,127})=/;
/** As deep as arguments of calls may be. */
const MAX_DEPTH = 64;
const MAX_PAIRS = 100;

/** The command that a message is, if it is one: `/srv/docs` is none. */
export function slashCommandOf(text: string): SlashCommand | undefined {
  const found = COMMAND.exec(text.trim());
  return found ? { name: found[1]!, rest: (found[2] ?? '').trim() } : undefined;
}

/** Arguments as JSON, as `key=value` pairs, or, for a tool that needs one argument, as that alone. */
export function readSlashArguments(rest: string, tool: McpTool, clock: Clock): SlashArguments {
  if (rest === '') return { arguments: {} };
  if (rest.startsWith('{')) return jsonArguments(rest);
  if (KEY.test(rest)) return pairs(rest, tool, clock);
  const needed = profileOf(tool).slots.filter(({ isRequired }) => isRequired);
  const [only] = needed;
  if (!only || needed.length > 1) return { problem: 'Arguments are written as `key=value key="more words"` or as JSON.' };
  const value = textToValue(rest, only.argument, propertyOf(tool, only.argument), clock);
  return { arguments: { [only.argument]: value } };
}

function jsonArguments(text: string): SlashArguments {
  if (exceedsDepth(text, MAX_DEPTH)) return { problem: `The JSON is nested deeper than ${MAX_DEPTH} levels.` };
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    return { problem: `The JSON cannot be read: ${(error as Error).message.slice(0, 200)}.` };
  }
  if (hasProtoKey(read)) return { problem: 'The key `__proto__` must not be used.' };
  return isJsonObject(read) ? { arguments: read } : { problem: 'The arguments are a JSON object.' };
}

function pairs(text: string, tool: McpTool, clock: Clock): SlashArguments {
  const args: Record<string, unknown> = {};
  let count = 0;
  for (let at = 0; at < text.length;) {
    if ((count += 1) > MAX_PAIRS) return { problem: `More than ${MAX_PAIRS} values are written as JSON.` };
    const key = KEY.exec(text.slice(at, at + 130))?.[1];
    if (key === undefined) return { problem: 'Values of several words are put in quotes: `key="more words"`.' };
    if (key === '__proto__') return { problem: 'The key `__proto__` must not be used.' };
    if (Object.hasOwn(args, key)) return { problem: `\`${key}\` is given twice.` };
    const start = at + key.length + 1;
    const end = endOfValue(text, start);
    if (end === undefined) return { problem: `The value of \`${key}\` does not end: a quote or bracket is missing.` };
    const value = valueOf(text.slice(start, end), key, tool, clock);
    if (hasProtoKey(value)) return { problem: 'The key `__proto__` must not be used.' };
    args[key] = value;
    at = afterBlanks(text, end);
  }
  return { arguments: args };
}

function afterBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at]!.trim() === '') at += 1;
  return at;
}

/** Where a value ends that is quoted, JSON, or a word. */
function endOfValue(text: string, start: number): number | undefined {
  const first = text[start];
  if (first === '"' || first === "'") return endOfQuoted(text, start + 1, first);
  if (first === '{' || first === '[') return endOfJson(text, start);
  let end = start;
  while (end < text.length && text[end]!.trim() !== '') end += 1;
  return end;
}

function endOfQuoted(text: string, start: number, quote: string): number | undefined {
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return undefined;
}

function endOfJson(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '"') {
      const end = endOfQuoted(text, at + 1, '"');
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

function valueOf(written: string, key: string, tool: McpTool, clock: Clock): unknown {
  const schema = propertyOf(tool, key);
  if (/^["']/.test(written)) return textToValue(unescaped(written.slice(1, -1)), key, schema, clock);
  if (/^[[{]/.test(written) && exceedsDepth(written, MAX_DEPTH)) return written;
  return textToValue(written, key, schema, clock);
}

function unescaped(text: string): string {
  return text.replace(/\\(["'\\nt])/g, (_, one: string) => (one === 'n' ? '\n' : one === 't' ? '\t' : one));
}

function propertyOf({ inputSchema }: McpTool, name: string): JsonObject {
  const properties = isJsonObject(inputSchema['properties']) ? inputSchema['properties'] : {};
  const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
  return isJsonObject(schema) ? schema : {};
}
