import fc from 'fast-check';
import { RE2JS } from 're2js';
import { re2Pattern } from './re2-pattern.js';

const PIECES = [
  'a',
  'b',
  '.',
  '^',
  '$',
  '|',
  '*',
  '+',
  '?',
  '(',
  '(?:',
  ')',
  '{2}',
  '{1,2}',
  '[ab]',
  '[^a]',
  '[a-z]',
  '[^\\s]',
  '[\\s\\d]',
].concat([
  '\\d',
  '\\w',
  '\\W',
  '\\s',
  '\\S',
  '\\b',
  '\\.',
  '\\-',
  '\\/',
  '\\t',
  '\\x41',
  '\\u00e4',
  '\\p{L}',
  '[\\p{L}_]',
  '[\\]a]',
  '[a\\-z]',
  'ä',
  '(?i)',
]);
const TEXTS = ['a', 'b', 'A', 'ä', '1', '_', '-', '.', '/', ' ', '\u00a0', '\n', '\r', '\u2028', '\t', ']'];

describe('re2Pattern', () => {
  it.each([
    ['^[a-z]+$', '^[a-z]+$'],
    ['^\\d{4}-\\d\\d$', '^\\d{4}-\\d\\d$'],
    ['(?i)^a$', '(?i)^a$'],
    ['\\A(?P<y>\\d)\\z', '\\A(?P<y>\\d)\\z'],
    ['^[\\w-.]\\@$', '^[\\w-.]\\@$'],
    ['^[^[\\]]$', '^[^[\\]]$'],
  ])('[S4] gives %j as %j', (pattern, given) => {
    expect(re2Pattern(pattern)).toBe(given);
  });

  it.each([
    '\\Z',
    '\\h',
    '\\Q.\\E',
    '\\x{41}',
    '\\pL',
    'a{,3}',
    '[]a]',
    '[^]',
    '[[:alpha:]]',
    '[a-z&&[^b]]',
    '[\\w&&x]',
    '^[_[a-z]]$',
    '[^\\S]',
    '(a)\\1',
    '(?<a>.)\\k<a>',
    '(',
    '\\07',
    'a++',
  ])('[S4] gives nothing for %j', (pattern) => {
    expect(re2Pattern(pattern)).toBeUndefined();
  });

  it('[S4] never refuses what ECMA-262 takes', () => {
    const pattern = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
    const texts = fc.array(
      fc.array(fc.constantFrom(...TEXTS), { maxLength: 3 }).map((pieces) => pieces.join('')),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(pattern, texts, (given, samples) => {
        const [ecma, re2] = [attempt(() => new RegExp(given, 'u')), attempt(() => compiled(given))];
        if (!ecma || !re2) return;
        for (const text of samples)
          if (ecma.test(text)) expect({ given, text, isTaken: re2.test(text) }).toEqual({ given, text, isTaken: true });
      }),
      { numRuns: 5_000 },
    );
  });
});

function compiled(pattern: string): RE2JS | undefined {
  const translated = re2Pattern(pattern);
  return translated === undefined ? undefined : RE2JS.compile(RE2JS.translateRegExp(translated));
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
