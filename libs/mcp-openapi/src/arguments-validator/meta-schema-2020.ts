import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { META_OPTIONS, META_SCHEMA_IDS } from './meta-options.js';

/**
 * The meta-schema of 2020-12, compiled, which takes some 30 ms: that of nearly every server, and so of nearly every start. In the bundle this
 * file is what Ajv compiles it to (tools/bundle/compiled-meta-schema.ts).
 */
export function metaSchemaOf2020(): ValidateFunction {
  return new Ajv2020(META_OPTIONS).getSchema(META_SCHEMA_IDS['2020-12']) as ValidateFunction;
}
