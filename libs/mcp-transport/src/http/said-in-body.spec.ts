import { saidInBody, saidInRpcError } from './said-in-body.js';

describe('[AC3] saidInBody', () => {
  it.each([
    ['{"jsonrpc":"2.0","error":{"code":-32000,"message":"Invalid Host: mcp:3000"},"id":null}', 'Invalid Host: mcp:3000'],
    ['{"error":"invalid_token","error_description":"The token expired"}', 'The token expired'],
    ['{"error":"invalid_token"}', 'invalid_token'],
    ['{"detail":"Not authenticated"}', 'Not authenticated'],
    ['{"type":"about:blank","title":"Forbidden"}', 'Forbidden'],
    ['"no"', 'no'],
    ['Invalid Host header\n', 'Invalid Host header'],
    ['\u001b[31mred\u202e', '[31mred'],
    ['x'.repeat(16_000), 'x'.repeat(16_000)],
  ])('finds in %j what it says', (text, said) => {
    expect(saidInBody(text)).toBe(said);
  });

  it.each([
    '',
    ' ',
    '<html>Forbidden</html>',
    '\n<!doctype html>',
    '{}',
    '[]',
    '{"detail":[{"msg":"x"}]}',
    'null',
    '5',
    'x'.repeat(20_000),
  ])('finds nothing in %j', (text) => {
    expect(saidInBody(text)).toBeUndefined();
  });
});

describe('[S6][AC3] saidInRpcError', () => {
  it('finds what an error of JSON-RPC says, and nothing in other bodies', () => {
    expect(saidInRpcError('{"jsonrpc":"2.0","error":{"code":-32000,"message":"Invalid Host: mcp:3000"},"id":null}')).toBe(
      'Invalid Host: mcp:3000',
    );
    const others = [
      '',
      'CANARY',
      '{"error":"CANARY"}',
      '{"error":{"message":"CANARY"}}',
      '{"detail":"CANARY"}',
      '{"error":{"code":1}}',
      'null',
    ];
    expect(others.map(saidInRpcError)).toEqual(others.map(() => undefined));
  });
});
