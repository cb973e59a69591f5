import type { Format } from 'ajv';
import { type DefinedFormats, type FormatName, fullFormats } from 'ajv-formats/dist/formats.js';

/** Some of the expressions take quadratic time; what is longer than this is not checked. */
const MAX_LENGTH = 4_096;

type Check = (text: string) => boolean;

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:[.,]\d+)?)?\s?(?:z|[+-]\d\d(?::?\d\d)?)?$/i;
const UUID = /^(?:urn:uuid:|\{)?[\da-f]{8}(-?)[\da-f]{4}\1[\da-f]{4}\1[\da-f]{4}\1[\da-f]{12}\}?$/i;
const IN_ANY_LANGUAGE = ['uri', 'uri-reference', 'uri-template', 'url', 'email', 'hostname'] as const;

/**
 * The formats of JSON Schema, each of bounded time, and as wide as what servers parse: times without an offset or seconds, URIs and addresses
 * with letters of any language, UUIDs without hyphens.
 */
export const boundedFormats: Readonly<Record<string, Format>> = Object.fromEntries(
  Object.entries({ ...(fullFormats as DefinedFormats), ...widened() }).map(([name, format]) => [name, bounded(format)]),
);

function bounded(format: Format): Format {
  if (format instanceof RegExp) return (text: string) => text.length > MAX_LENGTH || format.test(text);
  if (typeof format === 'function') return (text: string) => text.length > MAX_LENGTH || format(text);
  if (typeof format !== 'object' || format.type === 'number' || typeof format.validate !== 'function') return format;
  const { validate } = format;
  return (text: string) => text.length > MAX_LENGTH || (validate as Check)(text);
}

function widened(): Record<string, Check> {
  return {
    time: isTime,
    'iso-time': isTime,
    'date-time': isDateTime,
    'iso-date-time': isDateTime,
    uuid: (text) => UUID.test(text),
    ...Object.fromEntries(IN_ANY_LANGUAGE.map((name) => [name, inAnyLanguage(checkOf(name))])),
  };
}

function isTime(text: string): boolean {
  return TIME.test(text);
}

function isDateTime(text: string): boolean {
  return /[t\s]/i.test(text.charAt(10)) && checkOf('date')(text.slice(0, 10)) && isTime(text.slice(11));
}

/** Letters beyond ASCII stand where ASCII's may (RFC 3987, RFC 6531). */
function inAnyLanguage(check: Check): Check {
  return (text) => check(text.replace(/[^\0-\x7f]/gu, 'x'));
}

function checkOf(name: FormatName): Check {
  const format: unknown = fullFormats[name];
  const check =
    format instanceof RegExp || typeof format === 'function' ? format : (format as { readonly validate: RegExp | Check }).validate;
  return check instanceof RegExp ? (text) => check.test(text) : (check as Check);
}
