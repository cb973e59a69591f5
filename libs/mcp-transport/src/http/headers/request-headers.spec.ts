import { bodyDerivedHeaders, encodeHeaderValue } from './request-headers.js';

describe('[CALL] bodyDerivedHeaders', () => {
  const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };

  it('repeats version and method of a request of the newer revision', () => {
    expect(bodyDerivedHeaders({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } })).toEqual({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/list',
    });
  });

  it.each([
    ['name', 'söme tool', '=?base64?c8O2bWUgdG9vbA==?='],
    ['uri', 'file:///a', 'file:///a'],
  ])('repeats its %s', (key, value, header) => {
    expect(bodyDerivedHeaders({ jsonrpc: '2.0', id: 1, method: 'x', params: { _meta, [key]: value } })).toMatchObject({
      'mcp-name': header,
    });
  });

  it.each([
    ['a request of an older revision', { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }],
    ['a notification', { jsonrpc: '2.0', method: 'notifications/initialized', params: { _meta } }],
    ['a response', { jsonrpc: '2.0', id: 1, result: {} }],
  ] as const)('says nothing for %s', (_, message) => expect(bodyDerivedHeaders(message)).toEqual({}));
});

describe('[CALL] encodeHeaderValue', () => {
  it.each(['a', 'create_task', 'two words', '~!@#', 'a'.repeat(200)])('leaves %p as it is', (value) =>
    expect(encodeHeaderValue(value)).toBe(value),
  );

  it.each(['', ' a', 'a ', 'ü', '日本', 'a\nb', 'a\tb', '\u0000', '=?base64?YQ==?='])('encodes %p so that it can be read back', (value) => {
    const encoded = encodeHeaderValue(value);
    expect(encoded).toMatch(/^=\?base64\?[A-Za-z0-9+/]*=*\?=$/);
    expect(Buffer.from(encoded.slice('=?base64?'.length, -2), 'base64').toString()).toBe(value);
  });
});
