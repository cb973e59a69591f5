import type { Format } from 'ajv';
import { type DefinedFormats, type FormatName, fullFormats } from 'ajv-formats/dist/formats.js';

/** Some of the expressions take quadratic time; what is longer than this is not checked. */
const MAX_LENGTH = 4_096;

type Check = (text: string) => boolean;

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:[.,]\d+)?)?\s?(?:z|[+-]\d\d(?::?\d\d)?)?$/i;
const UUID = /^(?:urn:uuid:|\{)?[\da-f]{8}(-?)[\da-f]{4}\1[\da-f]{4}\1[\da-f]{4}\1[\da-f]{12}\}?$/i;
/** ISO 8601 with parts of seconds, weeks beside days and a sign, and `1 day, 00:30:00`, as Python writes it. */
const DURATION =
  /^[+-]?(?:p(?=t?\d)(?:\d+(?:[.,]\d+)?[ymwd])*(?:t(?:\d+(?:[.,]\d+)?[hms])+)?|(?:\d+ days?,? ?)?\d{1,2}:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)$/i;
/** RFC 5321: a quoted local part, a domain without a dot or an address in its place, too. */
const EMAIL = /^(?:"(?:[^"\\]|\\.)+"|[^\s"@]+)@(?:\[[\da-z.:]+\]|[^\s@[\]]+)$/i;
const BASE64 = /^[\w+/\s-]*(?:={1,2}\s*)?$/;

/**
 * The formats of JSON Schema, each of bounded time, and as wide as what servers parse: times without an offset or seconds, midnights in
 * place of dates, URLs as browsers take them, addresses with letters of any language, UUIDs without hyphens, base64
 * of either alphabet. A `regex` may be of any dialect.
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
    date: isDate,
    time: isTime,
    'iso-time': isTime,
    'date-time': isDateTime,
    'iso-date-time': isDateTime,
    duration: (text) => DURATION.test(text),
    uri: isUri,
    url: isUri,
    'uri-reference': (text) => inAnyLanguage('uri-reference')(text) || URL.canParse(text, 'http://host/'),
    'uri-template': inAnyLanguage('uri-template'),
    email: (text) => EMAIL.test(text),
    // Names of services and of containers have underscores.
    hostname: (text) => inAnyLanguage('hostname')(text.replaceAll('_', 'x')),
    ipv6: (text) => checkOf('ipv6')(text.replace(/%[\w.-]+$/, '')),
    uuid: (text) => UUID.test(text),
    byte: (text) => BASE64.test(text),
    regex: () => true,
  };
}

function isDate(text: string): boolean {
  return checkOf('date')(text.slice(0, 10)) && /^(?:[t\s]00:00(?::00(?:\.0+)?)?(?:z|[+-]00:?00)?)?$/i.test(text.slice(10));
}

function isTime(text: string): boolean {
  return TIME.test(text);
}

function isDateTime(text: string): boolean {
  return /[t\s]/i.test(text.charAt(10)) && checkOf('date')(text.slice(0, 10)) && isTime(text.slice(11));
}

function isUri(text: string): boolean {
  return inAnyLanguage('uri')(text) || URL.canParse(text);
}

/** Letters beyond ASCII stand where ASCII's may (RFC 3987). */
function inAnyLanguage(name: FormatName): Check {
  const check = checkOf(name);
  return (text) => check(text.replace(/[^\0-\x7f]/gu, 'x'));
}

function checkOf(name: FormatName): Check {
  const format: unknown = fullFormats[name];
  const check =
    format instanceof RegExp || typeof format === 'function' ? format : (format as { readonly validate: RegExp | Check }).validate;
  return check instanceof RegExp ? (text) => check.test(text) : (check as Check);
}
