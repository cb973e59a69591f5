import { asksForParamHeaders, paramHeaders } from './param-headers.js';

describe('[CALL] paramHeaders', () => {
  const of = (property: unknown, value: unknown) => paramHeaders({ properties: { p: property } }, { p: value });
  const string = { type: 'string', 'x-mcp-header': 'P' };

  it.each<[unknown, string | undefined]>([
    ['eu-west', 'eu-west'],
    ['', '=?base64??='],
    [' padded', '=?base64?IHBhZGRlZA==?='],
    ['süd', '=?base64?c8O8ZA==?='],
    ['a\r\nx-evil: 1', '=?base64?YQ0KeC1ldmlsOiAx?='],
    ['=?base64?eA==?=', '=?base64?PT9iYXNlNjQ/ZUE9PT89?='],
    [true, 'true'],
    [false, 'false'],
    [-7, '-7'],
    [1.5, '1.5'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [2 ** 53, undefined],
    [Infinity, undefined],
    [null, undefined],
    [['eu'], undefined],
    [{}, undefined],
  ])('%p becomes %p', (value, header) => expect(of(string, value)).toEqual(header === undefined ? {} : { 'mcp-param-P': header }));

  it('leaves out what is not among the arguments, and is not theirs', () => {
    expect(paramHeaders({ properties: { p: string } }, {})).toEqual({});
    expect(paramHeaders({ properties: { toString: string } }, {})).toEqual({});
    expect(paramHeaders({ properties: { p: string } }, null)).toEqual({});
  });

  it('looks into objects', () => {
    const schema = { properties: { outer: { properties: { inner: { 'x-mcp-header': 'Inner' } } }, other: {} } };
    expect(paramHeaders(schema, { outer: { inner: 'x' }, other: { inner: 'y' } })).toEqual({ 'mcp-param-Inner': 'x' });
  });

  it.each(['', 'two words', 'a:b', 'a\r\nb', 'ü', 7, null])('makes no header of the name %p', (name) => {
    expect(of({ 'x-mcp-header': name }, 'x')).toEqual({});
  });

  it.each([true, [], { properties: [] }, { properties: { p: true } }, { properties: { p: null } }])('takes any schema: %p', (schema) => {
    expect(paramHeaders(schema as never, { p: 'x' })).toEqual({});
  });

  it('does not go down without end', () => {
    const value: Record<string, unknown> = {};
    value.p = value;
    const schema: Record<string, unknown> = {};
    schema.properties = { p: schema };
    expect(paramHeaders(schema, value)).toEqual({});
  });

  it('knows whether a schema asks for any, at any depth that is looked at', () => {
    const nested = (levels: number): object => (levels === 0 ? { ...string } : { properties: { p: nested(levels - 1) } });
    expect([1, 2, 16].map((levels) => asksForParamHeaders(nested(levels)))).toEqual([true, true, true]);
    const args = (levels: number): unknown => (levels === 0 ? 'eu' : { p: args(levels - 1) });
    expect(paramHeaders(nested(16) as never, args(16))).toEqual({ 'mcp-param-P': 'eu' });
    expect([paramHeaders(nested(17) as never, args(17)), asksForParamHeaders(nested(17))]).toEqual([{}, false]);
    for (const none of [undefined, {}, { properties: [] }, { properties: { p: { 'x-mcp-header': 1 } } }])
      expect(asksForParamHeaders(none)).toBe(false);
  });
});
