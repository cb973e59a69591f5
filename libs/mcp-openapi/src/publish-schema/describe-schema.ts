import { allowsValue, type JsonType } from '../schema/json-types.js';
import { shown } from '../schema/json-value.js';
import type { MergedSchema } from './merge-parts.js';

const MAX_VALUES = 25;
const MAX_VALUE_LENGTH = 100;

/** The description with the notes that it does not hold already, each a sentence; undefined when there is neither. */
export function describe(description: unknown, notes: readonly string[]): string | undefined {
  const own = typeof description === 'string' ? description : '';
  const added = [...new Set(notes)].filter((note) => !own.includes(note.replace(/\.$/, ''))).join(' ');
  if (!own || !added) return own || added || undefined;
  return `${own}${/[.!?:;…]$/.test(own) ? '' : '.'} ${added}`;
}

/**
 * What a schema asks of values of `types`, as sentences for its description: Open WebUI's browser reader drops the keywords themselves.
 * Nothing that `description` says already.
 */
export function notesOf({ enumeration, bounds, plain }: MergedSchema, types: readonly JsonType[]): string[] {
  const description = typeof plain['description'] === 'string' ? plain['description'] : '';
  return [
    enumNote(
      enumeration?.filter((value) => types.some((type) => allowsValue(type, value))),
      description,
    ),
    formatNote(plain['format'], description),
    ...(hasNumber(types) ? [rangeNote(bounds), wordsFor('A multiple of', bounds['multipleOf'])] : []),
    ...(types.includes('string') ? [countNote(bounds['minLength'], bounds['maxLength'], 'character'), patternNote(plain['pattern'])] : []),
    ...(types.includes('array') ? [countNote(bounds['minItems'], bounds['maxItems'], 'item')] : []),
    ...(types.includes('object') ? [countNote(bounds['minProperties'], bounds['maxProperties'], 'key')] : []),
    (plain['default'] ?? undefined) !== undefined && !/\bdefault/i.test(description) ? `Default: ${shown(plain['default'])}.` : undefined,
  ].filter((note) => note !== undefined);
}

function enumNote(values: readonly unknown[] | undefined, description: string): string | undefined {
  const named = values?.filter((value) => value !== null) ?? [];
  if (named.length === 0 || named.every((value) => description.includes(shown(value)))) return undefined;
  if (named.length === 1) return `Always ${shown(named[0])}.`;
  const more = named.length > MAX_VALUES ? `, … (${named.length} in all)` : '';
  return `One of: ${named.slice(0, MAX_VALUES).map(shown).join(', ')}${more}.`;
}

function formatNote(format: unknown, description: string): string | undefined {
  if (typeof format !== 'string' || format.length > MAX_VALUE_LENGTH || /YYYY|RFC|ISO/.test(description)) return undefined;
  return `Format: ${format}${FORMAT_EXAMPLES[format] ?? ''}.`;
}

const FORMAT_EXAMPLES: Readonly<Record<string, string>> = {
  date: ' (YYYY-MM-DD)',
  'date-time': ' (like 2025-10-15T09:30:00Z)',
  time: ' (like 09:30:00Z)',
  duration: ' (like P3DT4H)',
};

function rangeNote({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Readonly<Record<string, number>>): string | undefined {
  if (minimum !== undefined && maximum !== undefined) return `Between ${minimum} and ${maximum}.`;
  const notes = [
    wordsFor('At least', minimum),
    wordsFor('Greater than', exclusiveMinimum),
    wordsFor('At most', maximum),
    wordsFor('Less than', exclusiveMaximum),
  ];
  return notes.filter((note) => note !== undefined).join(' ') || undefined;
}

function countNote(min: number | undefined, max: number | undefined, unit: string): string | undefined {
  if (min !== undefined && max !== undefined) return min === max ? `Exactly ${counted(min, unit)}.` : `${min} to ${counted(max, unit)}.`;
  if (min) return `At least ${counted(min, unit)}.`;
  return max === undefined ? undefined : `At most ${counted(max, unit)}.`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function patternNote(pattern: unknown): string | undefined {
  return typeof pattern === 'string' && pattern.length <= MAX_VALUE_LENGTH ? `Pattern: ${pattern}` : undefined;
}

function wordsFor(words: string, value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${words} ${value}.`;
}

function hasNumber(types: readonly JsonType[]): boolean {
  return types.includes('number') || types.includes('integer');
}
