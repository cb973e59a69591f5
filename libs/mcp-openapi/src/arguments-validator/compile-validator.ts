import type { ErrorObject, ValidateFunction } from 'ajv';
import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import type { Problem } from '../problem.js';
import { SchemaReferences } from '../schema/schema-references.js';
import { compileSchema, type CompiledSchema } from './compile-schema.js';
import { errorsToProblems } from './errors-to-problems.js';
import { ALL_ARGUMENTS } from './field-path.js';

/** Judges the arguments of one tool. */
export interface ArgumentsValidator {
  /** What is wrong with `args`, in words a model can act on, at most 20; empty when they fit. Only reads. */
  problems(args: unknown): readonly Problem[];
  /** What of the schema is not enforced, and why, a sentence each. Reading them compiles the schema. */
  readonly warnings: readonly string[];
}

/** How much of an inputSchema is enforced: all of it, the types and what is required, or that there is an object at all. */
export type ValidationMode = 'full' | 'types' | 'off';

/** How arguments are judged; in full unless it says otherwise. */
export interface ValidatorOptions {
  readonly mode?: ValidationMode;
}

/**
 * A validator of the original `inputSchema`, in its own dialect (`$schema`, else 2020-12, draft-07, draft-04). Compiled at its first use, kept by
 * nothing but the validator itself. Total: what cannot be compiled or takes too long to compile is not enforced, and a warning says so.
 */
export function compileValidator(inputSchema: JsonObject, options: ValidatorOptions = {}): ArgumentsValidator {
  const mode = options.mode ?? 'full';
  return mode === 'off' ? new ObjectValidator() : new SchemaValidator(inputSchema, mode);
}

const NOT_AN_OBJECT: readonly Problem[] = [{ field: ALL_ARGUMENTS, issue: 'must be an object' }];
const NONE: readonly Problem[] = [];

/** Enforces what MCP asks of any arguments: that they are an object. */
class ObjectValidator implements ArgumentsValidator {
  readonly warnings: readonly string[] = [];

  problems(args: unknown): readonly Problem[] {
    return isJsonObject(args) ? NONE : NOT_AN_OBJECT;
  }
}

/** Larger arguments are told their first problem only: a list of all could be longer than they are. */
const MAX_NODES_EXPLAINED = 5_000;

class SchemaValidator implements ArgumentsValidator {
  private compiled: CompiledSchema | undefined;
  private explaining: ValidateFunction | undefined;
  private endless = false;

  constructor(
    private readonly inputSchema: JsonObject,
    private readonly mode: 'full' | 'types',
  ) {}

  get warnings(): readonly string[] {
    const { warnings } = this.compile();
    return this.endless ? [...warnings, 'The inputSchema refers to itself without end and is not enforced.'] : warnings;
  }

  problems(args: unknown): readonly Problem[] {
    if (!isJsonObject(args)) return NOT_AN_OBJECT;
    const { validate } = this.compile();
    if (!validate || this.judge(validate, args)) return NONE;
    return this.explain(validate, args);
  }

  private compile(): CompiledSchema {
    this.compiled ??= compileSchema(this.inputSchema, this.mode);
    return this.compiled;
  }

  private explain(validate: ValidateFunction, args: JsonObject): readonly Problem[] {
    let errors: readonly ErrorObject[] = validate.errors ?? [];
    if (nodesOf(args) <= MAX_NODES_EXPLAINED) {
      this.explaining ??= this.compile().compileExplaining();
      if (!this.judge(this.explaining, args)) errors = this.explaining.errors ?? errors;
    }
    return errorsToProblems(errors, args, new SchemaReferences(this.inputSchema));
  }

  /** A schema such as `{"$ref": "#"}` calls itself until the stack is full, which says nothing about the arguments. */
  private judge(validate: ValidateFunction, args: JsonObject): boolean {
    try {
      return validate(args);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.endless = true;
      return true;
    }
  }
}

function nodesOf(value: unknown): number {
  const pending: unknown[] = [value];
  let nodes = 0;
  while (pending.length > 0 && nodes <= MAX_NODES_EXPLAINED) {
    const node = pending.pop();
    nodes += 1;
    if (typeof node === 'object' && node !== null) for (const inner of Object.values(node)) pending.push(inner);
  }
  return nodes;
}
