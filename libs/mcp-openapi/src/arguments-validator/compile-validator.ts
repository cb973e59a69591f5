import type { ErrorObject, ValidateFunction } from 'ajv';
import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import type { Problem } from '../problem.js';
import { SchemaReferences } from '../schema/schema-references.js';
import { atOnce, type Slices } from '../slices.js';
import type { FormatsMode } from './ajv-dialects.js';
import { checkTypes } from './check-types.js';
import { type Compilation, compileSchema } from './compile-schema.js';
import { errorsToProblems } from './errors-to-problems.js';
import { ALL_ARGUMENTS } from './field-path.js';
import { fitsWithParsedTexts } from './parsed-texts.js';
import { isCompilable } from './schema-size.js';

/** Judges the arguments of one tool. */
export interface ArgumentsValidator {
  /** What is wrong with `args`, in words a model can act on, at most 20; empty when they fit. Only reads. */
  problems(args: unknown): readonly Problem[];
  /** The same in slices of at most some 50 ms: the first ones compile the schema. */
  judge(args: unknown): Slices<readonly Problem[]>;
  /** What of the schema is not enforced, and why, a sentence each. Reading them compiles the schema. */
  readonly warnings: readonly string[];
}

/** How much of an inputSchema is enforced: all of it, the types and what is required, or that there is an object at all. */
type ValidationMode = 'full' | 'types' | 'off';

/** How arguments are judged; in full, with formats, unless it says otherwise. */
interface ValidatorOptions {
  readonly mode?: ValidationMode;
  readonly formats?: FormatsMode;
}

/**
 * A validator of the original `inputSchema`, in its own dialect (`$schema`, else 2020-12, draft-07, draft-04). Compiled at its first use, kept by
 * nothing but the validator itself. Total: what cannot be compiled or takes too long to compile is not enforced, and a warning says so.
 */
export function compileValidator(inputSchema: JsonObject, options: ValidatorOptions = {}): ArgumentsValidator {
  const mode = options.mode ?? 'full';
  if (mode === 'off') return new ObjectValidator();
  if (mode === 'types') return new TypesValidator(inputSchema);
  return isCompilable(inputSchema)
    ? new SchemaValidator(inputSchema, options.formats ?? 'on')
    : new TypesValidator(inputSchema, [TOO_LARGE]);
}

const NOT_AN_OBJECT: readonly Problem[] = [{ field: ALL_ARGUMENTS, issue: 'must be an object' }];
const NONE: readonly Problem[] = [];

/** Enforces what MCP asks of any arguments: that they are an object. */
class ObjectValidator implements ArgumentsValidator {
  readonly warnings: readonly string[] = [];

  *judge(args: unknown): Slices<readonly Problem[]> {
    return this.problems(args);
  }

  problems(args: unknown): readonly Problem[] {
    return isJsonObject(args) ? NONE : NOT_AN_OBJECT;
  }
}

const TOO_LARGE = 'The inputSchema is too large to be enforced in full: only types and required properties are.';

/** Enforces the types that the schema names, and what it requires. */
class TypesValidator implements ArgumentsValidator {
  constructor(
    private readonly inputSchema: JsonObject,
    readonly warnings: readonly string[] = [],
  ) {}

  *judge(args: unknown): Slices<readonly Problem[]> {
    return this.problems(args);
  }

  problems(args: unknown): readonly Problem[] {
    if (!isJsonObject(args)) return NOT_AN_OBJECT;
    const found = checkTypes(this.inputSchema, args);
    const errorKey = (read: JsonObject) => checkTypes(this.inputSchema, read)[0]?.field;
    return found.length > 0 && fitsWithParsedTexts(args, errorKey) ? NONE : found;
  }
}

/** Larger arguments are told their first problem only: a list of all could be longer than they are. */
const MAX_NODES_EXPLAINED = 5_000;

/** Enforces all of the schema. */
class SchemaValidator implements ArgumentsValidator {
  private compilation: Compilation | undefined;
  private explaining: ValidateFunction | undefined;
  private failure: string | undefined;

  constructor(
    private readonly inputSchema: JsonObject,
    private readonly formats: FormatsMode,
  ) {}

  get warnings(): readonly string[] {
    const { warnings } = this.compile();
    return this.failure === undefined ? warnings : [...warnings, this.failure];
  }

  problems(args: unknown): readonly Problem[] {
    return atOnce(this.judge(args));
  }

  *judge(args: unknown): Slices<readonly Problem[]> {
    if (!isJsonObject(args)) return NOT_AN_OBJECT;
    if (!this.compilation) {
      yield; // Others may have just compiled theirs.
      this.compile();
      yield;
    }
    const { compiled } = this.compile();
    if (!compiled || this.accepts(compiled.judge, args)) return NONE;
    const errors = compiled.judge.errors ?? [];
    if (fitsWithParsedTexts(args, (read) => this.errorKey(compiled.judge, read))) return NONE;
    if (nodesOf(args) > MAX_NODES_EXPLAINED) return this.problemsOf(errors, args);
    if (!this.explaining) {
      yield;
      this.explaining ??= compiled.compileExplaining();
      yield;
    }
    return this.problemsOf(this.accepts(this.explaining, args) ? errors : (this.explaining.errors ?? errors), args);
  }

  private compile(): Compilation {
    this.compilation ??= compileSchema(this.inputSchema, this.formats);
    return this.compilation;
  }

  /** The argument that the first error is about; empty for one about all of them, undefined without an error. */
  private errorKey(judge: ValidateFunction, args: JsonObject): string | undefined {
    if (this.accepts(judge, args)) return undefined;
    const [, key = ''] = judge.errors?.[0]?.instancePath.split('/') ?? [];
    return key.replaceAll('~1', '/').replaceAll('~0', '~');
  }

  private problemsOf(errors: readonly ErrorObject[], args: JsonObject): readonly Problem[] {
    return errorsToProblems(errors, args, new SchemaReferences(this.inputSchema));
  }

  /** What cannot be judged is let through, for the server judges as well; a schema such as `{"$ref": "#"}` calls itself until the stack is full. */
  private accepts(validate: ValidateFunction, args: JsonObject): boolean {
    try {
      return validate(args);
    } catch (error) {
      this.failure = `The inputSchema could not be applied to some arguments and was not enforced there (${(error as Error).message.slice(0, 200)}).`;
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
