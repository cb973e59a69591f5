import { Ajv } from 'ajv';
import { Ajv2020, MissingRefError } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { drill } from '../../../../test/support/long-drills.js';
import type { JsonObject } from '../mcp-types.js';
import { publishSchema } from './index.js';

/** Arguments in all; each schema is compiled once and judges many. */
const RUNS = Number(process.env['FAST_CHECK_RUNS'] ?? drill(2_000, 10_000));
const ARGUMENTS_OF_A_SCHEMA = 40;

const name = fc.constantFrom('a', 'b', 'c', '__proto__', 'x y');
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 1.5, -3, '', 'a', 'ab', 'abc', '2025-01-01'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  ),
})).value;

const type = fc.constantFrom('string', 'number', 'integer', 'boolean', 'object', 'array', 'null');
const ref = fc.constantFrom('#', '#/$defs/A', '#/$defs/B', '#/$defs/A/properties/a', '#/properties/a', '#anchor', '#/nowhere');

const { schema } = fc.letrec((tie) => {
  const sub = tie('schema');
  const list = fc.array(sub, { minLength: 1, maxLength: 3 });
  const map = fc.dictionary(name, sub, { maxKeys: 3 });
  return {
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.boolean(),
      fc.record({ type }, { requiredKeys: [] }),
      fc.record({ $ref: ref }, { requiredKeys: [] }),
      fc.record(
        {
          type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
          properties: map,
          required: fc.uniqueArray(name, { maxLength: 2 }),
          additionalProperties: sub,
          patternProperties: fc.dictionary(fc.constantFrom('^a', 'b$', '.'), sub, { maxKeys: 2 }),
          propertyNames: sub,
          minProperties: fc.nat(2),
          maxProperties: fc.nat(3),
          dependentRequired: fc.dictionary(name, fc.uniqueArray(name, { maxLength: 2 }), { maxKeys: 2 }),
          dependentSchemas: map,
        },
        { requiredKeys: [] },
      ),
      fc.record(
        {
          type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
          items: sub,
          prefixItems: list,
          minItems: fc.nat(2),
          maxItems: fc.nat(3),
          uniqueItems: fc.boolean(),
          contains: sub,
          minContains: fc.nat(2),
          maxContains: fc.nat(2),
        },
        { requiredKeys: [] },
      ),
      fc.record(
        {
          enum: fc.array(value, { minLength: 1, maxLength: 3 }),
          const: value,
          minimum: fc.integer({ min: -2, max: 2 }),
          exclusiveMaximum: fc.integer({ min: 0, max: 3 }),
          multipleOf: fc.constantFrom(0.5, 1, 2),
          minLength: fc.nat(2),
          maxLength: fc.nat(3),
          pattern: fc.constantFrom('^a', 'b', '^[0-9-]*$'),
          format: fc.constantFrom('date', 'x-unknown'),
          default: value,
          description: fc.string(),
        },
        { requiredKeys: [] },
      ),
      fc.record(
        {
          type,
          anyOf: list,
          oneOf: list,
          allOf: list,
          not: sub,
          if: sub,
          then: sub,
          else: sub,
          $ref: ref,
          properties: map,
          description: fc.string(),
        },
        { requiredKeys: [] },
      ),
    ),
  };
});

const root = fc
  .record({ root: schema, A: schema, B: schema, anchored: schema })
  .filter(({ root }) => typeof root === 'object')
  .map(({ root, A, B, anchored }) => ({
    ...(root as JsonObject),
    $defs: { A, B, C: typeof anchored === 'object' ? { ...(anchored as JsonObject), $anchor: 'anchor' } : anchored },
  }));

const args = fc.dictionary(name, value, { maxKeys: 4 });

/** An instance for each schema, since ajv keeps what it compiled; only the meta-schemas, which are slow, are compiled once. */
const options = { strict: false, validateFormats: false, logger: false, ownProperties: true, meta: false, validateSchema: false } as const;
const dialects = [
  { meta: new Ajv2020({ strict: false, logger: false }), create: () => new Ajv2020(options) },
  { meta: new Ajv({ strict: false, logger: false }), create: () => new Ajv(options) },
];

describe('publishSchema, for random schemas', () => {
  it('[AC7] never refuses what the original accepts', () => {
    let runs = 0;
    let judged = 0;
    fc.assert(
      fc.property(root, fc.array(args, { minLength: ARGUMENTS_OF_A_SCHEMA, maxLength: ARGUMENTS_OF_A_SCHEMA }), (original, values) => {
        const accepts = compile(original);
        fc.pre(accepts !== undefined);
        const published = publishSchema(original);
        const publishedAccepts = new Ajv2020(options).compile(published);
        runs += values.length;
        for (const each of values.filter(accepts)) {
          judged += 1;
          if (!publishedAccepts(each))
            throw new Error(`${JSON.stringify({ original, published, each })} ${JSON.stringify(publishedAccepts.errors)}`);
        }
      }),
      { numRuns: Math.ceil(RUNS / ARGUMENTS_OF_A_SCHEMA) },
    );
    expect(runs).toBeGreaterThanOrEqual(RUNS);
    expect(judged).toBeGreaterThan(RUNS / 100);
  });
});

/** The original as the gateway compiles it: 2020-12, else draft-07. */
function compile(schema: JsonObject): ((value: unknown) => boolean) | undefined {
  for (const { meta, create } of dialects) {
    try {
      if (!meta.validateSchema(schema)) continue;
      const validate = create().compile(schema);
      return (value) => judges(validate, value);
    } catch (error) {
      if (error instanceof MissingRefError) return undefined;
    }
  }
  return undefined;
}

/** A schema that refers to itself without end judges nothing. */
function judges(validate: (value: unknown) => unknown, value: unknown): boolean {
  try {
    return validate(value) === true;
  } catch {
    return false;
  }
}
