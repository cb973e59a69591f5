import { MissingRefError, type ValidateFunction } from 'ajv';
import type { JsonObject } from '../mcp-types.js';
import { type Dialect, dialectsOf } from '../schema/dialect.js';
import { compileAs } from './ajv-dialects.js';
import { isCompilable } from './schema-size.js';
import { typesOnlySchema } from './types-only-schema.js';
import { withoutUnsupportedPatterns } from './without-unsupported-patterns.js';

/** A compiled inputSchema; without `validate` nothing is enforced. */
export interface CompiledSchema {
  readonly validate?: ValidateFunction;
  /** The same once more, telling all errors and the schemas they come from. */
  compileExplaining(): ValidateFunction;
  readonly warnings: readonly string[];
}

/** Compiles a tool's inputSchema in the first dialect that takes it. Never throws. */
export function compileSchema(inputSchema: JsonObject, mode: 'full' | 'types'): CompiledSchema {
  if (mode === 'types') return compileAny(typesOnlySchema(inputSchema), ['2020-12'], []);
  if (!isCompilable(inputSchema)) return compileAny(typesOnlySchema(inputSchema), ['2020-12'], [TOO_LARGE]);
  const { schema, unsupported } = withoutUnsupportedPatterns(inputSchema);
  return compileAny(withoutDialect(schema), dialectsOf(inputSchema), unsupported.map(patternWarning));
}

const TOO_LARGE = 'The inputSchema is too large to be enforced in full: only types and required properties are.';

function patternWarning(pattern: string): string {
  return `The pattern ${JSON.stringify(pattern.slice(0, 100))} cannot be tested in linear time and is not enforced.`;
}

/** `$schema` has been read; ajv would look it up. */
function withoutDialect(schema: JsonObject): JsonObject {
  const { $schema: _dialect, ...rest } = schema;
  return _dialect === undefined ? schema : rest;
}

function compileAny(schema: JsonObject, dialects: readonly Dialect[], warnings: readonly string[]): CompiledSchema {
  const reasons: string[] = [];
  for (const dialect of dialects) {
    try {
      return { validate: compileAs(dialect, schema, 'first'), compileExplaining: () => compileAs(dialect, schema, 'all'), warnings };
    } catch (error) {
      if (error instanceof MissingRefError)
        return notEnforced(warnings, `its $ref ${JSON.stringify(error.missingRef.slice(0, 200))} leads nowhere`);
      reasons.push(`${dialect}: ${(error as Error).message.slice(0, 200)}`);
    }
  }
  return notEnforced(warnings, reasons.join('; '));
}

function notEnforced(warnings: readonly string[], reason: string): CompiledSchema {
  const compileExplaining = (): never => {
    throw new Error('There is nothing to explain: the schema is not enforced.');
  };
  return { compileExplaining, warnings: [...warnings, `The inputSchema cannot be compiled and is not enforced (${reason}).`] };
}
