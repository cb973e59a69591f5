import type { Options } from 'ajv';
import type { Dialect } from '../schema/dialect.js';

/** With which meta-schemas are compiled. */
export const META_OPTIONS: Options = { strict: false, logger: false, validateFormats: false, code: { optimize: false } };

export const META_SCHEMA_IDS: Readonly<Record<Dialect, string>> = {
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
  '2019-09': 'https://json-schema.org/draft/2019-09/schema',
  'draft-07': 'http://json-schema.org/draft-07/schema',
  'draft-04': 'http://json-schema.org/draft-04/schema',
};
