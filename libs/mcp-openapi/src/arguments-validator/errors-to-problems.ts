import type { ErrorObject } from 'ajv';
import { closestNames } from '../closest-names.js';
import { isJsonObject } from '../json-object.js';
import { type Problem, problemToText } from '../problem.js';
import type { SchemaReferences } from '../schema/schema-references.js';
import { fieldPath } from './field-path.js';
import { issueOf, oneOfWords, typesAskedFor, typeWords } from './issue-words.js';
import { errorsByBranch, isUnionError, startOfBranchErrors } from './union-branches.js';

const MAX_PROBLEMS = 20;

/** Ajv's errors about `args` as problems, each said once and a failed union as one; at most 20. */
export function errorsToProblems(errors: readonly ErrorObject[], args: unknown, references: SchemaReferences): Problem[] {
  const problems = new ErrorReader(args, references).read(errors);
  const distinct = new Map(problems.map((problem) => [`${problem.field}\0${problem.issue}`, problem]));
  return [...distinct.values()].slice(0, MAX_PROBLEMS);
}

class ErrorReader {
  constructor(
    private readonly args: unknown,
    private readonly references: SchemaReferences,
  ) {}

  read(errors: readonly ErrorObject[]): Problem[] {
    const problems: Problem[] = [];
    for (let at = errors.length - 1; at >= 0; at -= 1) {
      const error = errors[at] as ErrorObject;
      if (isUnionError(error)) {
        const start = startOfBranchErrors(errors, at);
        problems.unshift(...this.readUnion(error, errors.slice(start, at)));
        at = start;
      } else if (!isSaidElsewhere(error, errors)) problems.unshift(this.problemOf(error));
    }
    return problems;
  }

  private problemOf(error: ErrorObject): Problem {
    const { instancePath, keyword, params, parentSchema } = error;
    if (keyword === 'required') return this.problem(instancePath, 'required', params['missingProperty']);
    if (keyword === 'dependentRequired' || keyword === 'dependencies') {
      return this.problem(instancePath, `required when ${params['property']} is given`, params['missingProperty']);
    }
    if (keyword === 'additionalProperties') return this.unknownProperty(instancePath, params['additionalProperty'], parentSchema);
    if (keyword === 'unevaluatedProperties') return this.unknownProperty(instancePath, params['unevaluatedProperty'], parentSchema);
    if (keyword === 'propertyNames') return this.problem(instancePath, 'is not an allowed key', params['propertyName']);
    return this.problem(instancePath, issueOf(error));
  }

  private unknownProperty(instancePath: string, name: string, schema: unknown): Problem {
    const known = isJsonObject(schema) && isJsonObject(schema['properties']) ? Object.keys(schema['properties']) : [];
    const [meant] = closestNames(
      name,
      known.filter((each) => each !== name),
      1,
    );
    return this.problem(instancePath, meant === undefined ? 'unknown property' : `unknown property, did you mean ${meant}?`, name);
  }

  private problem(instancePath: string, issue: string, key?: string): Problem {
    return { field: fieldPath(this.args, instancePath, key), issue };
  }

  /** Of a union the problems of the one member that was surely meant, else one sentence about all of them. */
  private readUnion(union: ErrorObject, errors: readonly ErrorObject[]): Problem[] {
    if (errors.length === 0) return [this.problem(union.instancePath, 'must fit only one of the allowed forms, but fits several')];
    const branches = errorsByBranch(errors, union, this.references).filter((branch) => branch.length > 0);
    const ofRightType = branches.filter((branch) => !branch.some((error) => isAbout(error, union, 'type')));
    if (ofRightType.length === 0)
      return [
        this.problem(
          union.instancePath,
          `must be ${typeWords(errors.filter((error) => isAbout(error, union, 'type')).flatMap(typesAskedFor))}`,
        ),
      ];
    const meant =
      ofRightType.length === 1 ? ofRightType : ofRightType.filter((branch) => !branch.some((error) => isDiscriminator(error, union)));
    const [only] = meant;
    return only && meant.length === 1 ? this.read(only) : [this.problemOfAll(union, ofRightType)];
  }

  private problemOfAll(union: ErrorObject, branches: readonly (readonly ErrorObject[])[]): Problem {
    const { instancePath } = union;
    const errors = branches.flat();
    if (errors.every(isAboutValues) && sameField(errors))
      return this.problem((errors[0] as ErrorObject).instancePath, oneOfWords(errors.flatMap(allowedValues)));
    if (errors.every(({ keyword, instancePath: path }) => keyword === 'required' && path === instancePath)) {
      return this.problem(instancePath, `must have ${[...new Set(errors.map(({ params }) => params['missingProperty']))].join(' or ')}`);
    }
    const closest = branches.map((branch) => this.read(branch)).sort((a, b) => a.length - b.length)[0] ?? [];
    return this.problem(instancePath, `must fit one of the allowed forms; closest: ${closest.slice(0, 3).map(problemToText).join('; ')}`);
  }
}

/** `then` and `else` say themselves what they miss, and so do the names of properties. */
function isSaidElsewhere({ keyword, propertyName }: ErrorObject, errors: readonly ErrorObject[]): boolean {
  return propertyName !== undefined || (keyword === 'if' && errors.length > 1);
}

function isAbout(error: ErrorObject, { instancePath }: ErrorObject, keyword: string): boolean {
  return error.keyword === keyword && error.instancePath === instancePath;
}

/** Is it about a property that tells the members of the union apart, such as `kind`? */
function isDiscriminator(error: ErrorObject, { instancePath }: ErrorObject): boolean {
  return isAboutValues(error) && allowedValues(error).length === 1 && /^\/[^/]*$/.test(error.instancePath.slice(instancePath.length));
}

function isAboutValues({ keyword }: ErrorObject): boolean {
  return keyword === 'enum' || keyword === 'const';
}

function allowedValues({ keyword, params }: ErrorObject): unknown[] {
  return keyword === 'const' ? [params['allowedValue']] : (params['allowedValues'] as unknown[]);
}

function sameField(errors: readonly ErrorObject[]): boolean {
  return errors.every(({ instancePath }) => instancePath === errors[0]?.instancePath);
}
