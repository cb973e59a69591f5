import { cutBelow } from './cut-below.js';

describe('cutBelow', () => {
  it('[S4] leaves what is shallow enough as it is', () => {
    const value = { a: [{ b: 1 }] };
    expect(cutBelow(value, 3)).toBe(value);
  });

  it('[S4] empties what lies deeper, and keeps everything else', () => {
    const value = JSON.parse('{"a":[{"b":1,"c":{"d":2}},[]],"__proto__":{"x":[1]},"e":null}') as unknown;
    expect(JSON.stringify(cutBelow(value, 2))).toBe('{"a":[{},[]],"__proto__":{"x":[]},"e":null}');
  });

  it('[S4] bears a hundred thousand levels', () => {
    const deep = JSON.parse(`${'{"a":['.repeat(50_000)}${']}'.repeat(50_000)}`) as unknown;
    expect(JSON.stringify(cutBelow(deep, 2))).toBe('{"a":[{}]}');
  });
});
