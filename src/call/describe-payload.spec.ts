import { payloadShape, redactedPayload } from './describe-payload.js';

describe('payloadShape', () => {
  it('[S6] tells keys and types and nothing of the content', () => {
    const value = { title: 'Pay Anna', count: 3, done: false, due: null, tags: ['a', 'b'], nested: { token: 't0p' }, none: [] };
    expect(payloadShape(value)).toEqual({
      title: 'string',
      count: 'number',
      done: 'boolean',
      due: 'null',
      tags: ['string'],
      nested: { token: 'string' },
      none: [],
    });
  });

  it('ends at a bounded depth and width', () => {
    const deep = { a: { a: { a: { a: { a: { a: { a: 1 } } } } } } };
    expect(payloadShape(deep)).toEqual({ a: { a: { a: { a: { a: { a: 'object' } } } } } });
    expect(Object.keys(payloadShape(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, i]))) as object)).toHaveLength(50);
  });
});

describe('redactedPayload', () => {
  it.each([
    [{ password: 'hunter22' }, { password: '[redacted]' }],
    [{ api_key: ['a', 'b'] }, { api_key: '[redacted]' }],
    [{ note: 'send Bearer abcdef123456 along' }, { note: 'send [redacted] along' }],
    [{ note: 'eyJhbGciOi.eyJzdWIi.c2ln' }, { note: '[redacted]' }],
    [{ url: 'https://anna:pw@host/x' }, { url: 'https://[redacted]@host/x' }],
    [{ env: 'GITHUB_TOKEN=ghx123 and more' }, { env: '[redacted] and more' }],
    [{ list: [{ secret: 1, title: 'kept' }] }, { list: [{ secret: '[redacted]', title: 'kept' }] }],
    [
      { count: 3, due: null },
      { count: 3, due: null },
    ],
  ])('[S6] %j is logged as %j', (value, logged) => {
    expect(redactedPayload(value)).toEqual(logged);
  });

  it('[S6] cuts long texts, and a secret at the cut is still found', () => {
    const text = `${'x'.repeat(180)} sk-${'s'.repeat(60)}`;
    expect(redactedPayload(text)).toBe(`${'x'.repeat(180)} [redacted]`);
    expect(redactedPayload('y'.repeat(5000))).toBe(`${'y'.repeat(200)}... (5000 characters)`);
  });
});
