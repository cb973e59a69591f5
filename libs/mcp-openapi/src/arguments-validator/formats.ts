import type { Format } from 'ajv';
import { type DefinedFormats, fullFormats } from 'ajv-formats/dist/formats.js';

/** Some of the expressions take quadratic time; what is longer than this is not checked. */
const MAX_LENGTH = 4_096;

/** The formats of JSON Schema, each of bounded time. */
export const boundedFormats: Readonly<Record<string, Format>> = Object.fromEntries(
  Object.entries(fullFormats as DefinedFormats).map(([name, format]) => [name, bounded(format)]),
);

function bounded(format: Format): Format {
  if (format instanceof RegExp) return (text: string) => text.length > MAX_LENGTH || format.test(text);
  if (typeof format === 'function') return (text: string) => text.length > MAX_LENGTH || format(text);
  if (typeof format !== 'object' || format.type === 'number' || typeof format.validate !== 'function') return format;
  const { validate } = format;
  return (text: string) => text.length > MAX_LENGTH || (validate as (text: string) => boolean)(text);
}
