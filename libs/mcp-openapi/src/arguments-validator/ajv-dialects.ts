import { Ajv, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as draft04 from 'ajv-draft-04';
import type { JsonObject } from '../mcp-types.js';
import type { Dialect } from '../schema/dialect.js';
import { boundedFormats } from './formats.js';
import type { LinearPatterns } from './linear-reg-exp.js';
import { META_OPTIONS, META_SCHEMA_IDS } from './meta-options.js';
import { metaSchemaOf2020 } from './meta-schema-2020.js';
import { multipleOfKeyword } from './multiple-of.js';
import { uniqueItemsKeyword } from './unique-items.js';

// The package is CommonJS whose module itself is the class.
const AjvDraft04 = draft04.default as unknown as typeof Ajv;

const CLASSES: Readonly<Record<Dialect, typeof Ajv>> = { '2020-12': Ajv2020, '2019-09': Ajv2019, 'draft-07': Ajv, 'draft-04': AjvDraft04 };

/** How much a compiled schema says of what is wrong: the first error in short, or all of them with the schemas they come from. */
type ErrorDetail = 'first' | 'all';

/** What `format` is: a word about the value (the default of 2020-12), or something that the value must be. */
export type FormatsMode = 'off' | 'on';

/**
 * Compiles `schema` as `dialect`, on an instance of its own: an Ajv instance never forgets what it compiled. Nothing is fetched, coerced, filled
 * in or logged. Throws when the schema is not valid in the dialect, or holds a `$ref` that leads out of it.
 */
export function compileAs(
  dialect: Dialect,
  schema: JsonObject,
  detail: ErrorDetail,
  patterns: LinearPatterns,
  formats: FormatsMode,
): ValidateFunction {
  const isValid = metaSchemaOf(dialect);
  if (!isValid(schema)) throw new Error(`not valid at ${isValid.errors?.[0]?.instancePath || 'the root'}`);
  // Optimizing doubles the time to compile and saves nothing per call that could be measured.
  const ajv = new CLASSES[dialect]({
    ...OPTIONS,
    allErrors: detail === 'all',
    verbose: detail === 'all',
    validateFormats: formats === 'on',
    code: { regExp: patterns.engine, optimize: false },
  });
  for (const keyword of [uniqueItemsKeyword, multipleOfKeyword]) ajv.removeKeyword(keyword.keyword as string).addKeyword(keyword);
  return ajv.compile(schema);
}

const OPTIONS: Options = {
  strict: false,
  meta: false,
  validateSchema: false,
  ownProperties: true,
  logger: false,
  formats: boundedFormats,
  messages: false,
};

const metaSchemas = new Map<Dialect, ValidateFunction>();

/** The compiled meta-schema of a dialect, from its first use on. */
function metaSchemaOf(dialect: Dialect): ValidateFunction {
  let compiled = metaSchemas.get(dialect);
  if (!compiled) metaSchemas.set(dialect, (compiled = compileMetaSchema(dialect)));
  return compiled;
}

function compileMetaSchema(dialect: Dialect): ValidateFunction {
  if (dialect === '2020-12') return metaSchemaOf2020();
  return new CLASSES[dialect](META_OPTIONS).getSchema(META_SCHEMA_IDS[dialect]) as ValidateFunction;
}
