import { MissingRefError, type ValidateFunction } from 'ajv';
import type { JsonObject } from '../mcp-types.js';
import { dialectsOf } from '../schema/dialect.js';
import { SchemaReferences } from '../schema/schema-references.js';
import { compileAs, type FormatsMode } from './ajv-dialects.js';
import { withJudgedProto } from './judged-proto.js';
import { isOfOtherDialect, LinearPatterns } from './linear-reg-exp.js';
import { withPlainReferences } from './plain-references.js';
import { withoutUnsupported } from './without-unsupported.js';

/** A compiled inputSchema: the judge that says yes or no (and the first error), and one that tells all errors and where they come from. */
interface CompiledSchema {
  readonly judge: ValidateFunction;
  compileExplaining(): ValidateFunction;
}

/** What became of an inputSchema: compiled, or nothing; and a sentence for each thing that is not enforced. */
export interface Compilation {
  readonly compiled?: CompiledSchema;
  readonly warnings: readonly string[];
}

/** Compiles a tool's inputSchema in the first dialect that takes it. Never throws. */
export function compileSchema(inputSchema: JsonObject, formats: FormatsMode): Compilation {
  const patterns = new LinearPatterns();
  const judged = withoutDialect(withJudgedProto(inputSchema));
  const plain = withPlainReferences(judged);
  const supported = withoutUnsupported(plain, patterns);
  // Older drafts pass over references that newer ones follow.
  const ofOlder = plain === judged ? supported : withoutUnsupported(judged, patterns);
  const patternWarnings = [...supported.unsupported.patterns].map(patternWarning);
  const reasons: string[] = [];
  for (const dialect of dialectsOf(inputSchema)) {
    const isNewer = dialect === '2020-12' || dialect === '2019-09';
    const { schema } = isNewer ? supported : ofOlder;
    try {
      const judge = compileAs(dialect, schema, 'first', patterns, formats);
      const warnings = isNewer && supported.unsupported.references ? [...patternWarnings, DYNAMIC] : patternWarnings;
      return { compiled: { judge, compileExplaining: () => compileAs(dialect, schema, 'all', patterns, formats) }, warnings };
    } catch (error) {
      reasons.push(reasonOf(error as Error, dialect));
      // One that leads nowhere is taken by an older dialect only if that does not know the keyword around it.
      if (error instanceof MissingRefError && !new SchemaReferences(inputSchema).resolve(error.missingRef)) break;
    }
  }
  return { warnings: [...patternWarnings, `The inputSchema cannot be compiled and is not enforced (${reasons.join('; ')}).`] };
}

const DYNAMIC = 'What a $dynamicRef or $recursiveRef means depends on the $id around whoever refers to it, and is not enforced.';

function reasonOf(error: Error, dialect: string): string {
  if (error instanceof MissingRefError) return `$ref ${JSON.stringify(error.missingRef.slice(0, 200))} leads nowhere`;
  return `${dialect}: ${error.message.slice(0, 200)}`;
}

function patternWarning(pattern: string): string {
  const reason = isOfOtherDialect(pattern) ? 'is of a dialect that cannot be run exactly' : 'cannot be tested in linear time';
  return `The pattern ${JSON.stringify(pattern.slice(0, 100))} ${reason} and is not enforced.`;
}

/** `$schema` has been read; ajv would look it up. */
function withoutDialect(schema: JsonObject): JsonObject {
  if (!Object.hasOwn(schema, '$schema')) return schema;
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== '$schema'));
}
