import { typeOf } from './slots.js';
import type { JsonObject } from '@app/mcp-openapi';
import { isJsonObject } from '@app/mcp-openapi';
import { numberOf } from '../sentence/lexicon.js';
import { type Clock, readDates } from '../sentence/read-dates.js';
import { readWords } from '../sentence/read-words.js';
import { slotsOf } from './slots.js';

/** A text as the value that a schema asks for; the text itself where it cannot be that, for the validator to tell. */
export function textToValue(text: string, name: string, schema: JsonObject, clock: Clock): unknown {
  const said = unquoted(text.trim());
  const type = typeOf(schema);
  if (type === 'string' || type === undefined) return choiceOf(said, schema) ?? dayOf(said, name, schema, clock) ?? said;
  if (type === 'number' || type === 'integer') return numberOf(said) ?? said;
  if (type === 'boolean') return booleanOf(said) ?? said;
  const parsed = jsonOf(said);
  if (parsed !== undefined) return parsed;
  return type === 'array' ? listOf(said, name, schema, clock) : said;
}

/** Not in an object whose properties are several: which of them is meant nobody knows. */
function listOf(text: string, name: string, schema: JsonObject, clock: Clock): unknown {
  const items = isJsonObject(schema['items']) ? schema['items'] : {};
  if (typeOf(items) === 'object') return text;
  return splitList(text).map((part) => textToValue(part, name, items, clock));
}

/** `a, b and c` in parts, quoted ones whole. */
export function splitList(text: string): string[] {
  const parts: string[] = [];
  let start: number | undefined;
  let end = 0;
  const close = () => {
    if (start !== undefined) parts.push(unquoted(text.slice(start, end)));
    start = undefined;
  };
  for (const word of readWords(text)) {
    if (!word.isQuoted && (word.lower === 'and' || word.lower === '&') && start !== undefined) {
      close();
      continue;
    }
    start ??= word.start;
    end = word.end;
    if (/[,;]/.test(word.mark)) close();
  }
  close();
  return parts;
}

function unquoted(text: string): string {
  const [word, ...others] = readWords(text);
  return word?.isQuoted === true && others.length === 0 && word.start === 0 ? word.text : text;
}

function choiceOf(text: string, schema: JsonObject): unknown {
  const choices: unknown[] = Array.isArray(schema['enum']) ? schema['enum'] : [];
  return choices.find((choice) => choice === text) ?? choices.find((choice) => String(choice).toLowerCase() === text.toLowerCase());
}

function dayOf(text: string, name: string, schema: JsonObject, clock: Clock): string | undefined {
  const isDate = slotsOf({ properties: { [name]: schema } })[0]?.kind === 'date';
  if (!isDate || schema['format'] === 'date-time' || /^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  return readDates(text, [], clock)[0]?.to;
}

function booleanOf(text: string): boolean | undefined {
  if (/^(?:true|yes|y|on)$/i.test(text)) return true;
  return /^(?:false|no|n|off)$/i.test(text) ? false : undefined;
}

function jsonOf(text: string): unknown {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
