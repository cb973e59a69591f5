import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ArgumentProblem } from '../rpc-error.js';

const ajv = new Ajv2020({ allowUnionTypes: true });
addFormats.default(ajv, ['date', 'date-time']);
// The first compilation sets the compiler up, which takes a while: better now than in somebody's call.
ajv.compile({});

/** Compiled when first needed; as many as there are schemas in the code. */
const validators = new WeakMap<object, ValidateFunction>();

/** The first problem of a value with a JSON Schema (2020-12), in words for the caller; undefined when it fits. */
export function firstProblem(schema: object, value: unknown): ArgumentProblem | undefined {
  const validate = validators.get(schema) ?? ajv.compile(schema);
  validators.set(schema, validate);
  if (validate(value)) return undefined;
  const [error] = validate.errors ?? [];
  if (!error) throw new Error('The validator says no without an error.');
  return { field: fieldOf(error), issue: issueOf(error) };
}

/** `title`, or `tasks.0.title` inside lists; `arguments` where the whole object is meant. */
function fieldOf({ instancePath, keyword, params }: ErrorObject): string {
  const path = instancePath.split('/').slice(1).map(unescapePointer);
  if (keyword === 'required') path.push(params.missingProperty as string);
  if (keyword === 'additionalProperties') path.push(params.additionalProperty as string);
  return path.join('.') || 'arguments';
}

/** RFC 6901, section 4. */
function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

function issueOf({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'required';
    case 'additionalProperties':
      return 'not known here';
    case 'enum':
      return `must be one of ${(params.allowedValues as unknown[]).join(', ')}`;
    case 'format':
      return params.format === 'date' ? 'must be a date as YYYY-MM-DD' : `must be a ${params.format}`;
    case 'type':
      return `must be ${[params.type].flat().map(withArticle).join(' or ')}`;
    case 'pattern':
      return 'must not be blank';
    case 'maxLength':
      return `must have at most ${params.limit} characters`;
    case 'maxItems':
      return `must have at most ${params.limit} items`;
    case 'minItems':
      return `must have at least ${params.limit} items`;
    case 'minimum':
      return `must be at least ${params.limit}`;
    case 'maximum':
      return `must be at most ${params.limit}`;
    default:
      // Keywords that no schema of ours uses yet still get ajv's own words.
      return message ?? `does not fit "${keyword}"`;
  }
}

function withArticle(type: string): string {
  if (type === 'null') return type;
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}
