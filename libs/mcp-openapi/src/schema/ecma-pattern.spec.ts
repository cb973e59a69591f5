import { ecmaPattern } from './ecma-pattern.js';

describe('[AC7] a pattern for readers of documents', () => {
  it.each([
    ['^[a-z]+$', '^[a-z]+$'],
    ['^(?=.*\\d)(a)\\1$', '^(?=.*\\d)(a)\\1$'],
    ['^\\p{L}[\\w\\-.]\\/$', '^\\p{L}[\\w\\-.]\\/$'],
    ['\\A\\d{4}\\z', '^\\d{4}$'],
    ['(?P<year>\\d+)', '(?<year>\\d+)'],
    ['^\\d\\-\\d\\@\\ \\"[\\_\\-\\@]$', '^\\d-\\d@ "[_\\-@]$'],
  ])('%j is %j', (pattern, published) => {
    expect(ecmaPattern(pattern)).toBe(published);
    expect(() => new RegExp(published, 'u')).not.toThrow();
  });

  it.each([
    '(',
    '\\Z',
    '\\h',
    'a++',
    '(?i)a',
    'a(?x) b',
    '[[:alpha:]]',
    '[a-z&&[^b]]',
    '[\\A]',
    '\\Q.\\E',
    'x{,3}',
    '(?P=y)',
    '\\07',
    'a'.repeat(10_001),
  ])('%j is left out', (pattern) => {
    expect(ecmaPattern(pattern)).toBeUndefined();
  });
});
