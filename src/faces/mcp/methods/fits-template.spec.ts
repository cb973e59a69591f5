import { fitsTemplate } from './fits-template.js';

describe('[S4] a URI', () => {
  it.each([
    ['full://one', 'full://one'],
    ['full://item/{id}', 'full://item/7'],
    ['file:///{+path}', 'file:///a/b/c'],
    ['db://{table}/rows/{id}.json', 'db://people/rows/7.json'],
    ['x://find{?q,page}', 'x://find'],
    ['x://find{?q,page}', 'x://find?q=1&page=2'],
    ['x://{a}{b}', 'x://ab'],
    ['x://{a}{+b}/end', 'x://a/b/end'],
  ])('is of %s: %s', (template, uri) => expect(fitsTemplate(template, uri)).toBe(true));

  it.each([
    ['full://one', 'full://one/more'],
    ['full://item/{id}', 'full://item/'],
    ['full://item/{id}', 'full://item/7/more'],
    ['full://item/{id}', 'other://item/7'],
    ['db://{table}/rows/{id}.json', 'db://people/rows/7.xml'],
    ['x://{a}b', 'x://b'],
    ['x://{open', 'x://open'],
  ])('is not of %s: %s', (template, uri) => expect(fitsTemplate(template, uri)).toBe(false));

  it('is found of none or one in no time, whatever both are', () => {
    const templates = ['{+a}'.repeat(200) + '!', '{/a*}'.repeat(150) + '!', '{+a}a'.repeat(150) + '!', 'x{a*}{b*}{c*}{d*}{e*}!'];
    const before = performance.now();
    for (const template of templates)
      for (const uri of ['a'.repeat(8_000), '/a'.repeat(4_000), `x${'a,'.repeat(3_999)}`]) expect(fitsTemplate(template, uri)).toBe(false);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
