import fc from 'fast-check';
import type { JsonObject } from '../mcp-types.js';
import { compileValidator } from './compile-validator.js';

const problems = (schema: JsonObject, args: unknown) => compileValidator(schema).problems(args);
const properties = (of: Record<string, unknown>, rest: JsonObject = {}): JsonObject => ({ type: 'object', properties: of, ...rest });

const task = properties(
  {
    title: { type: 'string', minLength: 1, maxLength: 5 },
    due_date: { type: 'string', format: 'date' },
    priority: { enum: ['low', 'high'] },
    assignees: { type: 'array', items: { type: 'string' }, uniqueItems: true, maxItems: 3 },
    due: properties({ date: { type: 'string' }, zone: { const: 'UTC' } }, { required: ['date'] }),
  },
  { required: ['title'], additionalProperties: false },
);

describe('compileValidator', () => {
  it('[E5] [S4] finds nothing wrong with arguments that fit', () => {
    const args = { title: 'Tests', due_date: '2025-10-15', priority: 'low', assignees: ['a', 'b'], due: { date: 'x', zone: 'UTC' } };
    expect(problems(task, args)).toEqual([]);
    expect(compileValidator(task).warnings).toEqual([]);
  });

  it.each<[string, unknown, string, string]>([
    ['a missing property', {}, 'title', 'required'],
    ['a missing one inside', { title: 'a', due: {} }, 'due.date', 'required'],
    ['a wrong type', { title: 5 }, 'title', 'must be a string'],
    ['a wrong type in a list', { title: 'a', assignees: ['a', 5] }, 'assignees[1]', 'must be a string'],
    ['an enum', { title: 'a', priority: 'urgent' }, 'priority', 'must be one of low, high'],
    ['a const', { title: 'a', due: { date: '', zone: 'CET' } }, 'due.zone', 'must be UTC'],
    ['a date', { title: 'a', due_date: 'tomorrow' }, 'due_date', 'must be a date as YYYY-MM-DD'],
    ['an empty string', { title: '' }, 'title', 'must not be empty'],
    ['a long string', { title: 'abcdef' }, 'title', 'must have at most 5 characters'],
    ['a list with the same item twice', { title: 'a', assignees: ['a', 'a'] }, 'assignees', 'must not hold the same item twice'],
    ['a long list', { title: 'a', assignees: ['a', 'b', 'c', 'd'] }, 'assignees', 'must have at most 3 items'],
    ['a property that was mistyped', { title: 'a', due_dat: 'x' }, 'due_dat', 'unknown property, did you mean due_date?'],
    ['a property like no other', { title: 'a', weather: 'x' }, 'weather', 'unknown property'],
    ['no object', [], 'arguments', 'must be an object'],
    ['null', null, 'arguments', 'must be an object'],
  ])('[E5] says of %s what to change', (_, args, field, issue) => {
    expect(problems(task, args)).toEqual([{ field, issue }]);
  });

  it.each<[JsonObject, unknown, string]>([
    [{ minimum: 1 }, 0, 'must be at least 1'],
    [{ maximum: 1 }, 2, 'must be at most 1'],
    [{ exclusiveMinimum: 1 }, 1, 'must be greater than 1'],
    [{ exclusiveMaximum: 1 }, 1, 'must be less than 1'],
    [{ multipleOf: 5 }, 7, 'must be a multiple of 5'],
    [{ minLength: 2 }, 'a', 'must have at least 2 characters'],
    [{ pattern: '^[a-z]+$' }, 'A', 'must match the pattern ^[a-z]+$'],
    [{ format: 'email' }, 'a', 'must be an email address'],
    [{ format: 'ipv4' }, 'a', 'must match format "ipv4"'],
    [{ minItems: 1 }, [], 'must have at least 1 item'],
    [{ prefixItems: [true], items: false }, [1, 2], 'must have at most 1 item'],
    [{ contains: { const: 1 } }, [2], 'must hold items of the required form'],
    [{ minProperties: 1 }, {}, 'must have at least 1 key'],
    [{ maxProperties: 1 }, { a: 1, b: 2 }, 'must have at most 1 key'],
    [{ not: { type: 'string' } }, 'a', 'must not have this form'],
    [{ type: ['integer', 'null'] }, 1.5, 'must be an integer or null'],
    [{ type: 'boolean' }, 'true', 'must be true or false'],
    [
      { enum: Array.from({ length: 30 }, (_, n) => n) },
      'x',
      `must be one of ${Array.from({ length: 20 }, (_, n) => n).join(', ')}, … (30 in all)`,
    ],
    [{ enum: ['to do', 1, null] }, 'x', 'must be one of "to do", 1, null'],
    [{ unevaluatedItems: false }, [1], 'must have at most 0 items'],
  ])('[E5] %j refuses %j: %s', (schema, value, issue) => {
    expect(problems(properties({ a: schema }), { a: value })).toContainEqual({ field: 'a', issue });
  });

  it('[E5] says what depends on what, and which names are not allowed', () => {
    expect(problems({ dependentRequired: { a: ['b'] } }, { a: 1 })).toEqual([{ field: 'b', issue: 'required when a is given' }]);
    expect(problems({ propertyNames: { pattern: '^[a-z]$' } }, { A: 1 })).toEqual([{ field: 'A', issue: 'is not an allowed key' }]);
    expect(problems({ unevaluatedProperties: false, properties: { name: true } }, { nam: 1 })).toEqual([
      { field: 'nam', issue: 'unknown property, did you mean name?' },
    ]);
    expect(problems({ if: { required: ['a'] }, then: { required: ['b'] } }, { a: 1 })).toEqual([{ field: 'b', issue: 'required' }]);
    expect(problems(properties({ a: false }), { a: 1 })).toEqual([{ field: 'a', issue: 'is not allowed' }]);
  });

  it('[E5] writes fields as a person does', () => {
    const schema = properties({ 'a b': { type: 'array', items: { type: 'array', items: properties({ 'x/y~z': { type: 'string' } }) } } });
    expect(problems(schema, { 'a b': [[], [{ 'x/y~z': 1 }]] })).toEqual([{ field: '["a b"][1][0]["x/y~z"]', issue: 'must be a string' }]);
  });

  it('[E5] names all problems at once, at most 20, and of huge arguments the first', () => {
    expect(problems(task, { title: 5, priority: 'x', due: {} })).toHaveLength(3);
    const list = properties({ list: { type: 'array', items: { type: 'string' } } });
    expect(problems(list, { list: Array.from({ length: 1_000 }, () => 1) })).toHaveLength(20);
    expect(problems(list, { list: Array.from({ length: 100_000 }, () => 1) })).toEqual([{ field: 'list[0]', issue: 'must be a string' }]);
  });

  describe('[E5] a union', () => {
    const shape = properties(
      { shape: { oneOf: [{ $ref: '#/$defs/circle' }, { $ref: '#/$defs/square' }] } },
      {
        $defs: {
          circle: properties({ kind: { const: 'circle' }, radius: { type: 'number' } }, { required: ['kind', 'radius'] }),
          square: properties({ kind: { const: 'square' }, width: { $ref: '#/$defs/width' } }, { required: ['kind', 'width'] }),
          width: { type: 'number', minimum: 1 },
        },
      },
    );

    it.each<[unknown, unknown[]]>([
      [{ kind: 'square' }, [{ field: 'shape.width', issue: 'required' }]],
      [{ kind: 'square', width: 0 }, [{ field: 'shape.width', issue: 'must be at least 1' }]],
      [{ kind: 'round', radius: 1, width: 1 }, [{ field: 'shape.kind', issue: 'must be one of circle, square' }]],
      [5, [{ field: 'shape', issue: 'must be an object' }]],
    ])('tells its kinds apart: %j', (value, expected) => {
      expect(problems(shape, { shape: value })).toEqual(expected);
    });

    it.each<[JsonObject, unknown, string]>([
      [{ anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] }, 'x', 'must be an integer or null'],
      [{ anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] }, 0, 'must be at least 1'],
      [{ anyOf: [{ const: 'a' }, { enum: ['b', 'c'] }] }, 'x', 'must be one of a, b, c'],
      [{ anyOf: [{ required: ['id'] }, { required: ['name'] }] }, {}, 'must have id or name'],
      [{ oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 3, 'must fit only one of the allowed forms, but fits several'],
      [{ anyOf: [{ pattern: '^a' }, { minLength: 5 }] }, 'b', 'must fit one of the allowed forms; closest: a: must match the pattern ^a'],
    ])('%j refuses %j: %s', (schema, value, issue) => {
      expect(problems(properties({ a: schema }), { a: value })).toEqual([{ field: 'a', issue }]);
    });

    it('does not hide the other problems', () => {
      const schema = properties(
        { a: { anyOf: [{ type: 'string' }, { type: 'null' }] }, ab: { type: 'string' } },
        { required: ['c'], anyOf: [{ required: ['x'] }, { required: ['y'] }] },
      );
      expect(problems(schema, { a: 1, ab: 1 })).toEqual([
        { field: 'arguments', issue: 'must have x or y' },
        { field: 'c', issue: 'required' },
        { field: 'a', issue: 'must be a string or null' },
        { field: 'ab', issue: 'must be a string' },
      ]);
    });
  });

  describe('[S4] dialects', () => {
    it.each<[string, JsonObject, unknown, unknown]>([
      ['2020-12 by default', { prefixItems: [{ type: 'string' }] }, ['a'], [1]],
      ['draft-07 where 2020-12 cannot be', { items: [{ type: 'string' }], additionalItems: false }, ['a'], ['a', 'b']],
      ['draft-04 where neither can be', { minimum: 3, exclusiveMinimum: true }, 4, 3],
      ['draft-04 as declared', { $schema: 'http://json-schema.org/draft-04/schema#', minimum: 3, exclusiveMinimum: true }, 4, 3],
      ['draft-06 as declared', { $schema: 'http://json-schema.org/draft-06/schema#', exclusiveMinimum: 3 }, 4, 3],
      [
        'draft-04 where references go by its ids',
        { $ref: '#list', definitions: { list: { id: '#list', type: 'array', items: { type: 'string' } } } },
        ['a'],
        [1],
      ],
      ['draft-07 as declared', { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] }, ['a'], [1]],
      [
        '2019-09 as declared',
        { $schema: 'https://json-schema.org/draft/2019-09/schema', items: [{ type: 'string' }], dependentRequired: { a: ['b'] } },
        ['a'],
        [1],
      ],
      ['an unknown $schema as 2020-12', { $schema: 'https://example.com/mine', prefixItems: [{ type: 'string' }] }, ['a'], [1]],
    ])('reads %s', (_, schema, good, bad) => {
      const { $schema, ...rest } = schema;
      const validator = compileValidator({ ...($schema === undefined ? {} : { $schema }), properties: { a: rest } });
      expect(validator.warnings).toEqual([]);
      expect(validator.problems({ a: good })).toEqual([]);
      expect(validator.problems({ a: bad })).toHaveLength(1);
    });

    it.each<[string, JsonObject, RegExp]>([
      [
        'a remote $ref',
        properties({ a: { $ref: 'https://example.com/secret.json' } }),
        /\$ref "https:\/\/example.com\/secret.json" leads nowhere/,
      ],
      [
        'a $ref that leads nowhere behind a keyword that older dialects do not know',
        properties({ a: { type: 'string', dependentSchemas: { x: { $ref: '#/$defs/none' } } } }),
        /\(\$ref "#\/\$defs\/none" leads nowhere\)/,
      ],
      ['a $ref that leads nowhere', properties({ a: { $ref: '#/$defs/none' } }), /\$ref "#\/\$defs\/none" leads nowhere/],
      [
        'a type that there is not',
        properties({ a: { type: 'int' } }),
        /2020-12: not valid at \/properties\/a\/type; draft-07: .*; draft-04: /,
      ],
      ['null keywords', { type: 'object', properties: null, required: null }, /cannot be compiled/],
    ])('does not enforce %s, and says so', (_, schema, warning) => {
      const validator = compileValidator(schema);
      expect(validator.problems({ a: 1 })).toEqual([]);
      expect(validator.problems([])).toEqual([{ field: 'arguments', issue: 'must be an object' }]);
      expect(validator.warnings).toEqual([expect.stringMatching(warning)]);
    });

    it('does not enforce a schema that refers to itself without end', () => {
      const validator = compileValidator({ $ref: '#' });
      expect(validator.problems({ a: 1 })).toEqual([]);
      expect(validator.warnings).toEqual([
        'The inputSchema could not be applied to some arguments and was not enforced there (Maximum call stack size exceeded).',
      ]);
    });

    it('follows a reference to the root', () => {
      const schema = properties(
        { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
        { $id: 'https://example.com/node' },
      );
      expect(problems(schema, { children: [{ children: [{ name: 1 }] }] })).toEqual([
        { field: 'children[0].children[0].name', issue: 'must be a string' },
      ]);
    });

    const NODE = { $dynamicAnchor: 'node', type: 'object', properties: { a: { type: 'string' }, next: { $dynamicRef: '#node' } } };
    const DYNAMIC = 'What a $dynamicRef or $recursiveRef means depends on the $id around whoever refers to it, and is not enforced.';

    it.each<[string, JsonObject, unknown, unknown, string]>([
      [
        '$dynamicRef',
        properties({ tree: { $dynamicRef: '#node' } }, { $defs: { node: NODE } }),
        { tree: { a: 'x' } },
        { tree: { a: 1 } },
        'tree.a',
      ],
      [
        '$dynamicRef, of itself',
        properties({ tree: { $dynamicRef: '#node' } }, { $defs: { node: NODE } }),
        { tree: { next: { a: 'x' } } },
        { tree: { next: { a: 1 } } },
        'tree.next.a',
      ],
      ['$dynamicRef to the root', NODE, { next: { a: 'x' } }, { next: { a: 1 } }, 'next.a'],
      [
        '$dynamicRef to an anchor of the root',
        { ...NODE, $anchor: 'top', properties: { b: { $dynamicRef: '#top' } } },
        { b: {} },
        { b: 1 },
        'b',
      ],
      [
        '$dynamicRef beside allOf',
        properties({ a: { allOf: [{ minLength: 2 }], $dynamicRef: '#/$defs/text' } }, { $defs: { text: { type: 'string' } } }),
        { a: 'xx' },
        { a: 'x' },
        'a',
      ],
      [
        '$recursiveRef',
        properties(
          { name: { type: 'string' }, child: { $recursiveRef: '#' } },
          { $recursiveAnchor: true, $schema: 'https://json-schema.org/draft/2019-09/schema' },
        ),
        { child: { name: 'x' } },
        { child: { name: 1 } },
        'child.name',
      ],
    ])('follows a %s', (_, schema, good, bad, field) => {
      const validator = compileValidator(schema);
      expect([validator.problems(good), validator.problems(bad), validator.warnings]).toEqual([
        [],
        [expect.objectContaining({ field })],
        [],
      ]);
    });

    it('does not enforce a $dynamicRef of several resources, and says so', () => {
      const tree = { $id: 'https://example.com/tree', ...NODE };
      const validator = compileValidator(properties({ tree, count: { type: 'number' } }));
      expect(validator.problems({ tree: { a: 'x', next: { a: 1 } }, count: 'x' })).toEqual([{ field: 'count', issue: 'must be a number' }]);
      expect(validator.warnings).toEqual([DYNAMIC]);
    });

    it.each<[string, JsonObject, unknown]>([
      ['not', { not: { $dynamicRef: '#node' } }, 1],
      ['if', { if: { $dynamicRef: '#node' }, then: { type: 'object' } }, 1],
      ['oneOf', { oneOf: [{ $dynamicRef: '#node' }, { type: 'number' }] }, 1],
      ['unevaluatedProperties', { $dynamicRef: '#node', unevaluatedProperties: false }, { a: 'x' }],
    ])('does not make a refusal of a $dynamicRef of several resources that is not enforced: %s', (_, around, good) => {
      const tree = { $id: 'https://example.com/tree', ...NODE };
      const validator = compileValidator(properties({ tree, around }));
      expect([validator.problems({ around: good }), validator.warnings]).toEqual([[], [DYNAMIC]]);
    });

    it('enforces nothing where a $dynamicRef leads nowhere, and says so; older dialects pass over it', () => {
      const schema = properties({ a: { $dynamicRef: '#none' } });
      const validator = compileValidator(schema);
      expect(validator.problems({ a: 'x' })).toEqual([]);
      expect(validator.warnings).toEqual(['The inputSchema cannot be compiled and is not enforced ($ref "#none" leads nowhere).']);
      const older = compileValidator({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' });
      expect([older.problems({ a: 'x' }), older.warnings]).toEqual([[], []]);
    });

    it('does not rewrite values and properties that are named as keywords', () => {
      const schema = properties({ $dynamicRef: { enum: [{ $dynamicRef: '#x' }] }, a: { $dynamicRef: '#/$defs/a' } }, { $defs: { a: {} } });
      expect(problems(schema, { $dynamicRef: { $dynamicRef: '#x' }, a: 1 })).toEqual([]);
      expect(problems(schema, { $dynamicRef: 1 })).toEqual([expect.objectContaining({ field: '$dynamicRef' })]);
    });

    it('ignores keywords and formats that it does not know', () => {
      const validator = compileValidator(properties({ a: { type: 'string', format: 'color', 'x-order': 1, widget: 'big' } }));
      expect([validator.problems({ a: 'x' }), validator.warnings]).toEqual([[], []]);
    });
  });

  describe('[S4] patterns', () => {
    it('take linear time', () => {
      const validator = compileValidator(properties({ a: { pattern: '^(a+)+$' }, b: { pattern: '^([a-z]+)*[A-Z]$' } }));
      validator.problems({});
      // The short ones first: they would take seconds where the long ones would take for ever.
      for (const length of [26, 50_000]) {
        const started = performance.now();
        expect(validator.problems({ a: `${'a'.repeat(length)}!`, b: 'a'.repeat(length) })).toHaveLength(2);
        expect({ length, isSoon: performance.now() - started < 2_000 }).toEqual({ length, isSoon: true });
      }
    });

    it('are each their own: two in one schema do not share one', () => {
      expect(problems(properties({ a: { pattern: '^a' }, b: { pattern: '^b' } }), { a: 'b', b: 'b' })).toEqual([
        { field: 'a', issue: 'must match the pattern ^a' },
      ]);
    });

    it.each<[string, JsonObject]>([
      ['lookaround', { pattern: '^(?=.*\\d)' }],
      ['a backreference', { pattern: '(a)\\1' }],
      ['a giant', { pattern: '((a{1,100}){1,100}){1,100}' }],
      ['a giant of alternatives', { pattern: '(ab|cd)'.repeat(1_000) }],
      ['a giant class', { pattern: `^[${'x'.repeat(20_000)}]$` }],
      ['no expression', { pattern: '(' }],
      ['one for names', { patternProperties: { '^(?!x)': { type: 'string' } }, additionalProperties: false }],
      ['one under not', { not: { pattern: '(?=a)' } }],
      ['one under if', { if: { pattern: '(?=a)' }, then: false, else: false }],
      ['one in a oneOf', { oneOf: [{ pattern: '(?=a)' }, true] }],
      ['one in a oneOf beside anyOf', { oneOf: [{ pattern: '(?=a)' }, true], anyOf: [true] }],
      ['one that is counted', { contains: { pattern: '(?=a)' }, maxContains: 0, minContains: 0 }],
      ['one behind a reference', { not: { $ref: '#/$defs/p' }, pattern: '(?=a)' }],
      [
        'one in a dependency',
        { dependentSchemas: { b: { pattern: '(?=a)' } }, enum: ['a', { b: 1 }, 5, ['a']], default: { pattern: '(?=a)' } },
      ],
    ])('that cannot be tested so are not enforced, and nothing is refused for them: %s', (_, schema) => {
      const validator = compileValidator(properties({ a: schema }, { $defs: { p: { pattern: '(?=a)' } } }));
      for (const value of ['a', { b: 1 }, 5, ['a']]) expect(validator.problems({ a: value })).toEqual([]);
      expect(validator.warnings).toContainEqual(
        expect.stringMatching(/^The pattern ".*" cannot be tested in linear time and is not enforced\.$/s),
      );
    });

    it('are tested on short texts only where they are large', () => {
      const schema = properties({ a: { pattern: `^(${'ab|'.repeat(300)}c)*$` } });
      expect(problems(schema, { a: 'x'.repeat(4_000) })).toHaveLength(1);
      expect(problems(schema, { a: 'x'.repeat(1_000_000) })).toEqual([]);
    });

    it('are enforced as far as all of one schema together are no giant', () => {
      const patterns = ['x', 'y', 'z'].map((letter) => ({ pattern: letter.repeat(900) }));
      const validator = compileValidator(properties({ a: patterns[0], b: patterns[1], c: patterns[2] }));
      expect(validator.problems({ a: 'a', b: 'b', c: 'c' })).toHaveLength(2);
      expect(validator.warnings).toHaveLength(1);
    });

    it('leave the rest of the schema enforced', () => {
      const schema = properties({ a: { pattern: '(?=a)', minLength: 2 }, b: { type: 'integer' } }, { additionalProperties: false });
      expect(problems(schema, { a: 'x', b: 'x', c: 1 }).map(({ field }) => field)).toEqual(['c', 'a', 'b']);
    });
  });

  describe('[S4] hostile schemas and arguments', () => {
    const nested = (open: string, close: string, depth: number): JsonObject =>
      JSON.parse(`${open.repeat(depth)}{"type":"string"}${close.repeat(depth)}`) as JsonObject;

    it.each<[string, JsonObject]>([
      ['ten thousand deep', properties({ a: nested('{"properties":{"a":', '}}', 10_000), b: { type: 'string' } })],
      [
        'a megabyte',
        properties(
          Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`b${n || ''}`, { type: 'string', description: 'x'.repeat(30) }])),
        ),
      ],
    ])('%s: types are enforced, and a warning says what is not', (_, schema) => {
      const validator = compileValidator(schema);
      const started = performance.now();
      expect(validator.problems({ b: 1 })).toEqual([{ field: 'b', issue: 'must be a string' }]);
      expect(performance.now() - started).toBeLessThan(500);
      expect(validator.warnings).toEqual(['The inputSchema is too large to be enforced in full: only types and required properties are.']);
    });

    it('is judged in slices: compiled first, explained at last', () => {
      const validator = compileValidator(properties({ a: { type: 'string' } }));
      const slicesOf = (args: unknown) => {
        const slices = validator.judge(args);
        let pauses = 0;
        for (let step = slices.next(); ; step = slices.next()) {
          if (step.done) return { pauses, problems: step.value.length };
          pauses += 1;
        }
      };
      expect([slicesOf({}), slicesOf({}), slicesOf({ a: 1 }), slicesOf({ a: 1 })]).toEqual([
        { pauses: 2, problems: 0 },
        { pauses: 0, problems: 0 },
        { pauses: 2, problems: 1 },
        { pauses: 0, problems: 1 },
      ]);
    });

    it.each<[string, JsonObject, boolean]>([
      ['of 398 nodes', properties(Object.fromEntries(Array.from({ length: 198 }, (_, n) => [`a${n}`, { minLength: 2 }]))), true],
      ['of 402 nodes', properties(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`a${n}`, { minLength: 2 }]))), false],
      [
        'of 60 patterns',
        { patternProperties: Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`a${n}`, { minLength: 2 }])) },
        true,
      ],
      [
        'of 70 patterns',
        { patternProperties: Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`a${n}`, { minLength: 2 }])) },
        false,
      ],
    ])('%s', (_, schema, isCompiled) => {
      const validator = compileValidator(schema);
      expect(validator.problems({ a5: 'x' })).toHaveLength(isCompiled ? 1 : 0);
      expect(validator.warnings).toHaveLength(isCompiled ? 0 : 1);
    });

    it('tells 20 of the names that are missing, of a hundred thousand', () => {
      const required = Array.from({ length: 100_000 }, (_, n) => `r${n}`);
      expect(problems({ required }, {})).toHaveLength(20);
    });

    it('reads names that objects inherit as names', () => {
      const schema = JSON.parse(
        '{"properties":{"__proto__":{"type":"string"}},"required":["constructor","toString"],"additionalProperties":false}',
      ) as JsonObject;
      expect(problems(schema, JSON.parse('{"__proto__":5,"constructor":1}'))).toEqual([
        { field: 'toString', issue: 'required' },
        { field: 'constructor', issue: 'unknown property' },
        { field: '__proto__', issue: 'must be a string' },
      ]);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    });

    it('judges a property named __proto__, at any depth, beside a pattern of the same name and never in a value', () => {
      const schema = JSON.parse(
        '{"properties":{"a":{"items":[{"properties":{"__proto__":{"minLength":2}},"patternProperties":{"^__proto__$":{"maxLength":3}}}]},"e":{"enum":[{"properties":{"__proto__":1}}]}}}',
      ) as JsonObject;
      const judge = (text: string) => problems(schema, JSON.parse(text));
      expect(judge('{"a":[{"__proto__":"abc"}],"e":{"properties":{"__proto__":1}}}')).toEqual([]);
      expect(judge('{"a":[{"__proto__":"a"}]}')).toEqual([{ field: 'a[0].__proto__', issue: 'must have at least 2 characters' }]);
      expect(judge('{"a":[{"__proto__":"abcd"}]}')).toEqual([{ field: 'a[0].__proto__', issue: 'must have at most 3 characters' }]);
    });

    it('lets through what cannot be compared, and says so', () => {
      const validator = compileValidator(properties({ a: { enum: [{ b: 1 }] } }));
      expect(validator.problems({ a: { b: 2 } })).toHaveLength(1);
      expect(validator.problems({ a: { valueOf: 5 } })).toEqual([]);
      expect(validator.warnings).toEqual([expect.stringMatching(/^The inputSchema could not be applied to some arguments/)]);
    });

    it('compares unique items in linear time', () => {
      const validator = compileValidator(properties({ a: { type: 'array', uniqueItems: true }, b: { uniqueItems: false } }));
      const started = performance.now();
      expect(validator.problems({ a: Array.from({ length: 30_000 }, (_, n) => ({ n })), b: [1, 1] })).toEqual([]);
      expect(performance.now() - started).toBeLessThan(1_000);
      expect(
        validator.problems({
          a: [
            { x: 1, y: [2] },
            { y: [2], x: 1 },
          ],
        }),
      ).toHaveLength(1);
      expect(validator.problems({ a: ['1', 1, true, 'true', null, [], {}] })).toEqual([]);
    });

    it('checks formats in bounded time', () => {
      const formats = ['url', 'uri', 'email', 'date-time', 'regex', 'hostname', 'uri-template', 'byte', 'int32'];
      const validator = compileValidator(properties(Object.fromEntries(formats.map((format) => [format, { format }]))));
      validator.problems({});
      const started = performance.now();
      validator.problems(Object.fromEntries(formats.map((format) => [format, 'http://['.repeat(20_000)])));
      expect(performance.now() - started).toBeLessThan(1_000);
      expect(problems(properties({ a: { format: 'int32' }, b: { format: 'byte' } }), { a: 2 ** 40, b: '%' })).toHaveLength(2);
    });

    it('never throws, whatever the schema', () => {
      const keyword = fc.constantFrom(
        'type',
        'properties',
        'items',
        '$ref',
        'anyOf',
        'required',
        'enum',
        '$schema',
        '$id',
        'pattern',
        'additionalProperties',
        '__proto__',
        'not',
        '$defs',
      );
      const { node } = fc.letrec((tie) => ({
        node: fc.oneof(
          { maxDepth: 5 },
          fc.constantFrom<unknown>(null, true, 5, 'object', '#', '(?=x)', 'http://json-schema.org/draft-07/schema#'),
          fc.array(tie('node'), { maxLength: 3 }),
          fc.dictionary(keyword, tie('node'), { maxKeys: 4 }),
        ),
      }));
      fc.assert(
        fc.property(
          fc.dictionary(keyword, node, { maxKeys: 5 }),
          fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
          (schema, args) => {
            const before = JSON.stringify([schema, args]);
            const validator = compileValidator(schema as JsonObject);
            for (const { field, issue } of validator.problems(args)) expect([typeof field, typeof issue]).toEqual(['string', 'string']);
            expect(Array.isArray(validator.warnings)).toBe(true);
            expect(JSON.stringify([schema, args])).toBe(before);
          },
        ),
        { numRuns: Number(process.env['FAST_CHECK_RUNS'] ?? 500) },
      );
    });
  });

  describe('[S4] modes', () => {
    it('off asks for an object and nothing else', () => {
      const validator = compileValidator(task, { mode: 'off' });
      expect([validator.problems({}), validator.warnings]).toEqual([[], []]);
      expect(validator.problems('x')).toEqual([{ field: 'arguments', issue: 'must be an object' }]);
    });

    it('types asks for types and what is required, deep inside too', () => {
      const validator = compileValidator(task, { mode: 'types' });
      expect(validator.problems({ title: '', due_date: 'x', priority: 'x', more: 1, due: { date: 'x', zone: 'x' } })).toEqual([]);
      expect(validator.problems({ assignees: ['a', 1, 2], due: { date: 5 } })).toEqual([{ field: 'title', issue: 'required' }]);
      expect(validator.problems({ title: 'a', assignees: ['a', 1], due: {} })).toEqual([
        { field: 'assignees[1]', issue: 'must be a string' },
        { field: 'due.date', issue: 'required' },
      ]);
      expect(validator.problems([])).toEqual([{ field: 'arguments', issue: 'must be an object' }]);
      expect(validator.warnings).toEqual([]);
    });

    it('types takes null where it is allowed, and stops at 20 problems', () => {
      const validator = compileValidator(
        properties({ a: { type: 'string', nullable: true }, 'b/~': { type: ['integer', 'null'] }, l: { items: { type: 'string' } } }),
        { mode: 'types' },
      );
      expect(validator.problems({ a: null, 'b/~': null })).toEqual([]);
      expect(validator.problems({ 'b/~': 'x' })).toEqual([{ field: '["b/~"]', issue: 'must be an integer or null' }]);
      expect(validator.problems({ l: Array.from({ length: 100 }, () => 1) })).toHaveLength(20);
    });
  });
});
