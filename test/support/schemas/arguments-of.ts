import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as ajvFormats from 'ajv-formats';

type Schema = Readonly<Record<string, unknown>>;
type Values = Readonly<Record<string, unknown>>;

// The package is CommonJS: under Node the function is the default's default.
const addFormats = ((ajvFormats.default as { default?: unknown }).default ?? ajvFormats.default) as (ajv: Ajv) => Ajv;

/** Arguments that a schema accepts and such that it refuses, as texts, made of the schema alone and checked with ajv as it comes. */
export function argumentsOf(inputSchema: Schema): { valid: string[]; invalid: string[] } {
  const accepts = compile(inputSchema);
  const sampler = new Sampler(inputSchema);
  const [few, all] = [sampler.sample(inputSchema, false), sampler.sample(inputSchema, true)] as [Values, Values];
  for (const values of [few, all])
    if (!accepts(values)) throw new Error(`${JSON.stringify(values)} does not fit: ${JSON.stringify(accepts.errors)}`);
  const invalid = candidates(all).filter((values) => !accepts(values));
  return { valid: textsOf([few, all]), invalid: ['[]', ...textsOf(invalid).slice(0, MAX_INVALID)] };
}

const MAX_INVALID = 6;

function compile(schema: Schema): ValidateFunction {
  const AjvOfDialect = String(schema['$schema']).includes('draft-07') ? Ajv : Ajv2020;
  return addFormats(new AjvOfDialect({ strict: false, logger: false })).compile(schema);
}

/** The values with one of them missing, one of another type, or one too many. */
function candidates(values: Values): Values[] {
  const names = Object.keys(values);
  const without = names.map((name) => Object.fromEntries(Object.entries(values).filter(([key]) => key !== name)));
  const retyped = names.flatMap((name) => [
    { ...values, [name]: { unexpected: [] } },
    { ...values, [name]: 'unexpected' },
  ]);
  return [...without, ...retyped, { ...values, unexpected: 1 }];
}

function textsOf(values: readonly Values[]): string[] {
  return [...new Set(values.map((each) => JSON.stringify(each)))];
}

const MAX_DEPTH = 8;
const FORMATS: Readonly<Record<string, string>> = {
  date: '2025-10-15',
  'date-time': '2025-10-15T09:30:00Z',
  email: 'ann@example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '123e4567-e89b-12d3-a456-426614174000',
};

class Sampler {
  private readonly root: Schema;

  constructor(root: Schema) {
    this.root = root;
  }

  /** A value that fits the schema, with what is required, or with everything that it names. */
  sample(schema: Schema, withOptional: boolean, depth = 0): unknown {
    const { $ref, allOf, anyOf, oneOf, type } = schema as {
      $ref?: string;
      allOf?: Schema[];
      anyOf?: Schema[];
      oneOf?: Schema[];
      type?: unknown;
    };
    if ($ref !== undefined) return this.sample(this.resolve($ref), withOptional, depth);
    if ('const' in schema) return schema['const'];
    if (Array.isArray(schema['enum'])) return (schema['enum'] as unknown[])[0];
    const [part] = allOf ?? anyOf ?? oneOf ?? [];
    if (part && type !== 'object') return this.sample(part, withOptional, depth);
    const only = Array.isArray(type) ? (type as unknown[])[0] : type;
    if (only === 'object' || schema['properties']) return this.object(schema, withOptional && depth < MAX_DEPTH, depth);
    if (only === 'array') return this.array(schema, withOptional && depth < MAX_DEPTH, depth);
    if (only === 'boolean') return true;
    if (only === 'null') return null;
    return only === 'number' || only === 'integer' ? numberOf(schema) : stringOf(schema);
  }

  private object(schema: Schema, withOptional: boolean, depth: number): Values {
    const required = (schema['required'] ?? []) as string[];
    const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
    const wanted = properties.filter(([name]) => withOptional || required.includes(name));
    return Object.fromEntries(wanted.map(([name, property]) => [name, this.sample(property, withOptional, depth + 1)]));
  }

  private array(schema: Schema, withOptional: boolean, depth: number): unknown[] {
    const length = Math.max(Number(schema['minItems'] ?? 0), withOptional ? 1 : 0);
    const item = this.sample((schema['items'] ?? {}) as Schema, withOptional, depth + 1);
    return Array.from({ length }, () => item);
  }

  private resolve(reference: string): Schema {
    const steps = reference.slice(1).split('/').slice(1);
    return steps.reduce<Schema>((node, step) => node[step] as Schema, this.root);
  }
}

function numberOf({ minimum, exclusiveMinimum, maximum }: Schema): number {
  if (typeof minimum === 'number') return minimum;
  return typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : Math.min(1, Number(maximum ?? 1));
}

function stringOf({ format, minLength }: Schema): string {
  return FORMATS[String(format)] ?? 'text'.padEnd(Number(minLength ?? 0), 'x');
}
