import { isSameJson } from './same-json.js';

describe('isSameJson', () => {
  const values = [null, true, 0, -1, 1.5, '', 'a', [], {}, [null], [[]], [{}], { a: 1 }, { a: null }, { a: [1, 2] }, { a: [2, 1] }];
  const moreValues = [...values, { b: 1 }, { a: 1, b: 2 }, { b: 2, a: 1 }, { a: { b: { c: [1, { d: 'x' }] } } }, { 0: 1 }, [1]];

  it('tells each value from every other', () => {
    for (const some of moreValues) {
      for (const other of moreValues) expect(isSameJson(some, structuredClone(other))).toBe(some === other);
    }
  });

  it('sees `__proto__` as plain data', () => {
    const [some, same, other] = ['{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'].map((text) => JSON.parse(text));
    expect([isSameJson(some, same), isSameJson(some, other), isSameJson(some, {})]).toEqual([true, false, false]);
  });

  it('compares what is nested too deeply for JSON.stringify', () => {
    const nested = (inner: string) => JSON.parse(`${'['.repeat(100_000)}${inner}${']'.repeat(100_000)}`) as unknown;
    expect([isSameJson(nested('1'), nested('1')), isSameJson(nested('1'), nested('2'))]).toEqual([true, false]);
  });
});
