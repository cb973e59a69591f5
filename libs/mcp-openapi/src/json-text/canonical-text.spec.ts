import fc from 'fast-check';
import { canonicalText } from './canonical-text.js';

const of = (text: string) => canonicalText({ text, value: JSON.parse(text) as unknown });

describe('canonicalText', () => {
  it('[T1] is the same whatever the order of keys and the space between', () => {
    expect(of('{"b": [1, {"d": null, "c": "x"}], "a": true}')).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
    expect(of('{"a":true,"b":[1,{"c":"x","d":null}]}')).toBe(of('{"b": [1, {"d": null, "c": "x"}], "a": true}'));
  });

  it.each([
    ['9007199254740992', '9007199254740993'],
    ['1', '1.0'],
    ['0', '-0'],
    ['100', '1e2'],
    ['1.5', '1.50'],
    ['0.1', '0.1000000000000000055'],
    ['[1,2]', '[2,1]'],
    ['"1"', '1'],
    ['{"a":1}', '{"a":1,"b":null}'],
    ['{"a":"b\\n"}', '{"a":"b"}'],
    ['{"__proto__":1}', '{}'],
  ])('[T1] tells %s from %s', (one, other) => {
    expect(of(`{"n":${one}}`)).not.toBe(of(`{"n":${other}}`));
  });

  it('[T1] is the same for values that say the same, and for no others', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const isSame = canonicalText(textOf(one)) === canonicalText(textOf(other));
        expect(isSame).toBe(JSON.stringify(one) === JSON.stringify(other) || isSame);
        expect(canonicalText(textOf(one))).toBe(canonicalText(textOf(structuredClone(one))));
        expect(JSON.parse(canonicalText(textOf(one)).split('\n')[0] as string)).toEqual(JSON.parse(JSON.stringify(one)));
      }),
    );
  });
});

function textOf(value: unknown) {
  const text = JSON.stringify(value);
  return { text, value: JSON.parse(text) as unknown };
}
