import { createRequire } from 'node:module';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import type { ValidateFunction } from 'ajv';
import { transformSync } from 'esbuild';
import { compiledMetaSchemaText } from '../../../../tools/bundle/compiled-meta-schema.ts';
import { metaSchemaOf2020 } from './meta-schema-2020.js';

const SCHEMAS: readonly [string, unknown][] = [
  ['an object', { type: 'object', properties: { a: { type: ['string', 'null'], minLength: 1 } }, required: ['a'] }],
  ['true', true],
  ['a number', 7],
  ['an unknown type', { type: 'text' }],
  ['a bad schema in properties', { properties: { a: { type: 7 } } }],
  ['a bad schema that is reached by $dynamicRef alone', { $defs: { a: { anyOf: [{ items: { not: { type: 'text' } } }] } } }],
  ['items as a list, as in older drafts', { items: [{}] }],
  ['allOf of none', { allOf: [] }],
  ['a negative minLength', { minLength: -1 }],
  ['a name required twice', { required: ['a', 'a'] }],
  ['a value twice', { enum: [{ a: 1 }, { a: 1 }] }],
  ['a bad old definition', { definitions: { a: 1 } }],
];

describe('the meta-schema of 2020-12', () => {
  const ofBundle = loaded(compiledMetaSchemaText());

  it.each(SCHEMAS)('judges %s in the bundle as it does when it is compiled', (_, schema) => {
    const compiled = metaSchemaOf2020();
    expect([ofBundle(schema), ofBundle.errors]).toEqual([compiled(schema), compiled.errors]);
  });
});

function loaded(text: string): ValidateFunction {
  const module = { exports: {} as { metaSchemaOf2020: () => ValidateFunction } };
  const { code } = transformSync(text, { format: 'cjs' });
  compileFunction(code, ['module', 'require'])(module, createRequire(path.resolve('package.json')));
  return module.exports.metaSchemaOf2020();
}
