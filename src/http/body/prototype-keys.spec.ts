import { hasPrototypeKeys } from './prototype-keys.js';

describe('hasPrototypeKeys', () => {
  it.each([
    ['{"__proto__":{"polluted":true}}', true],
    ['{"a":[{"__proto__" : 1}]}', true],
    ['{"\\u005f_proto__":1}', true],
    ['{"\\u005F\\u005fp\\u0072oto__":1}', true],
    ['{"constructor":{"prototype":{}}}', true],
    ['{"constructor":"Ferrari"}', false],
    ['{"prototype":"the second one"}', false],
    ['{"text":"\\"__proto__\\": 1"}', false],
    ['{"text":"__proto__"}', false],
    ['{"a":"\\u00e9"}', false],
    ['', false],
  ])('[S5] of %s is %s', (text, expected) => {
    expect(hasPrototypeKeys(Buffer.from(text))).toBe(expected);
  });
});
