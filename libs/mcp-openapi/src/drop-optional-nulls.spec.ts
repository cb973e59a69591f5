import { nullDropper } from './drop-optional-nulls.js';
import type { JsonObject } from './mcp-types.js';

const TASK: JsonObject = {
  type: 'object',
  required: ['title'],
  properties: {
    title: { type: 'string' },
    due: { type: 'string', format: 'date' },
    note: { type: ['string', 'null'] },
    state: { enum: ['open', null] },
    priority: { $ref: '#/$defs/priority' },
    anything: {},
    either: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    owner: { type: 'object', properties: { name: { type: 'string' }, id: { type: 'integer' } }, required: ['id'] },
    tags: { type: 'array', items: { type: 'object', properties: { color: { type: 'string' } } } },
  },
  $defs: { priority: { enum: ['low', 'high'] } },
};

describe('nullDropper', () => {
  const drop = nullDropper(TASK);

  it.each([
    ['{"title":"a","due":null}', '{"title":"a"}'],
    ['{"title":"a","priority":null,"due":"2025-10-15"}', '{"title":"a","due":"2025-10-15"}'],
    ['{"owner":{"id":12345678901234567890,"name":null},"title":"a"}', '{"owner":{"id":12345678901234567890},"title":"a"}'],
    ['{"tags":[{"color":null},{"color":"red"}],"title":1.0}', '{"tags":[{},{"color":"red"}],"title":1.0}'],
    ['{"due":null}', '{}'],
  ])('%s becomes %s', (text, expected) => {
    expect(drop({ text, value: JSON.parse(text) })).toEqual({ text: expected, value: JSON.parse(expected) });
  });

  it.each([
    ['required', '{"title":null}'],
    ['of a type with null', '{"title":"a","note":null}'],
    ['of an enum with null', '{"title":"a","state":null}'],
    ['of an alternative', '{"title":"a","either":null}'],
    ['of no type at all', '{"title":"a","anything":null}'],
    ['not declared', '{"title":"a","other":null}'],
    ['required inside', '{"title":"a","owner":{"id":null}}'],
    ['only a word', '{ "title" : "null" }'],
    ['an item', '{"title":"a","tags":[null]}'],
  ])('keeps a null that is %s, and the text as it is', (_, text) => {
    const args = { text, value: JSON.parse(text) as unknown };
    expect(drop(args)).toBe(args);
  });

  it('does not reach for what is not there', () => {
    const text = `${'{"a":'.repeat(50)}null${'}'.repeat(50)}`;
    const args = { text, value: JSON.parse(text) as unknown };
    expect(nullDropper({ $ref: '#' })(args)).toBe(args);
    expect(nullDropper({ properties: { __proto__: { type: 'string' } } })(args)).toBe(args);
  });
});
