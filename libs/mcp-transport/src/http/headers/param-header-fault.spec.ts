import type { JsonObject } from '@app/mcp-openapi';
import { paramHeaderFault } from './param-header-fault.js';

const of = (properties: JsonObject, more: JsonObject = {}) => paramHeaderFault({ type: 'object', properties, ...more });
const property = (header: unknown, type: unknown = 'string') => ({ type, 'x-mcp-header': header });

const NAMELESS = 'the name of one is not that of a header';
const ELSEWHERE = 'one is declared elsewhere than at a property';

describe('paramHeaderFault', () => {
  it('[AC5] finds nothing wrong with strings, integers and booleans at any depth, nor with data and names that only look like it', () => {
    expect(of({ a: property('A'), b: property('B-1', 'integer'), c: property('C', 'boolean') })).toBeUndefined();
    expect(of({ a: { type: 'object', properties: { b: { type: 'object', properties: { c: property('Deep') } } } } })).toBeUndefined();
    expect(
      of({ 'x-mcp-header': { type: 'string' }, a: { default: property(5), enum: [property('')], const: property('A B') } }),
    ).toBeUndefined();
    expect(paramHeaderFault({})).toBeUndefined();
    expect(of([] as never)).toBeUndefined();
    expect(of({ a: true, b: null })).toBeUndefined();
  });

  it.each([
    ['an empty name', '', NAMELESS],
    ['a space', 'My Region', NAMELESS],
    ['a colon', 'Region:Primary', NAMELESS],
    ['a letter beyond ASCII', 'Région', NAMELESS],
    ['a control character', 'Region\t1', NAMELESS],
    ['a line end', 'Region\r\nX: 1', NAMELESS],
    ['no text', 5, NAMELESS],
    ['null', null, NAMELESS],
  ])('[AC5] finds %s in place of a name', (_, header, fault) => {
    expect(of({ a: property(header) })).toBe(fault);
  });

  it.each(['object', 'array', 'null', 'number', undefined, ['string', 'null']])('[AC5] finds a header of the type %j', (type) => {
    expect(of({ a: { 'x-mcp-header': 'A', ...(type !== undefined && { type }) } })).toBe(
      '"A" is to repeat what is no string, integer or boolean',
    );
  });

  it('[AC5] finds two of one name, whatever their case and depth', () => {
    expect(of({ a: property('Field'), b: property('Field') })).toBe('"Field" is declared twice');
    expect(of({ a: property('MyField'), b: { type: 'object', properties: { c: property('myfield') } } })).toBe(
      '"myfield" is declared twice',
    );
  });

  it('[AC5] finds one that no chain of properties leads to', () => {
    expect(paramHeaderFault(property('A') as JsonObject)).toBe(ELSEWHERE);
    expect(of({ a: { type: 'array', items: property('A') } })).toBe(ELSEWHERE);
    expect(of({ a: { type: 'array', items: { type: 'object', properties: { b: property('A') } } } })).toBe(ELSEWHERE);
    expect(of({}, { $defs: { a: property('A') } })).toBe(ELSEWHERE);
    expect(of({}, { anyOf: [{ properties: { a: property('A') } }] })).toBe(ELSEWHERE);
    expect(of({}, { additionalProperties: property('A') })).toBe(ELSEWHERE);
  });
});
