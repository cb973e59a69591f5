import { Ajv2020 } from 'ajv/dist/2020.js';
import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import type { Problem } from '../problem.js';

/** Judges the arguments of one tool. */
export interface ArgumentsValidator {
  /** What is wrong with `args`, in words a model can act on; empty when they fit. Only reads. */
  problems(args: unknown): readonly Problem[];
  /** What of the schema is not enforced, and why; a sentence each. */
  readonly warnings: readonly string[];
}

export type ValidationMode = 'full' | 'types' | 'off';
export interface ValidatorOptions {
  readonly mode?: ValidationMode;
}

export function compileValidator(inputSchema: JsonObject, options: ValidatorOptions = {}): ArgumentsValidator {
  if (options.mode === 'off') return { problems: objectOnly, warnings: [] };
  try {
    const validate = new Ajv2020({ strict: false, allErrors: true, logger: false, validateFormats: false }).compile(inputSchema);
    return {
      warnings: [],
      problems: (args) => {
        const p = objectOnly(args);
        if (p.length || validate(args)) return p;
        return (validate.errors ?? [])
          .slice(0, 20)
          .map((e) =>
            e.keyword === 'required'
              ? { field: [e.instancePath.slice(1), e.params['missingProperty']].filter(Boolean).join('.'), issue: 'required' }
              : { field: e.instancePath.slice(1).replaceAll('/', '.') || 'arguments', issue: e.message ?? 'invalid' },
          );
      },
    };
  } catch {
    return { problems: objectOnly, warnings: ['The inputSchema could not be compiled and is not enforced.'] };
  }
}

function objectOnly(args: unknown): Problem[] {
  return isJsonObject(args) ? [] : [{ field: 'arguments', issue: 'must be an object' }];
}
