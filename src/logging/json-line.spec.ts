import { isoNow, member } from './json-line.js';

describe('a line of the log', () => {
  it.each([
    ['plain', 'plain text', ',"plain":"plain text"'],
    ['quote', 'a "b" \\ c', String.raw`,"quote":"a \"b\" \\ c"`],
    ['control', 'a\nb\u0000\u007f\u2028ü', `,"control":${JSON.stringify('a\nb\u0000\u007f\u2028ü')}`],
    ['number', 1.5, ',"number":1.5'],
    ['bool', false, ',"bool":false'],
    ['object', { a: ['x'] }, ',"object":{"a":["x"]}'],
    ['nothing', undefined, ''],
  ])('has a member %s', (name, value, text) => {
    expect(member(name, value)).toBe(text);
  });

  it.each([0, 7, 42, 999, 1000, 1_764_201_600_005, 1_764_201_600_999, 1_764_201_601_000, 1_764_201_600_000])(
    'has the time of %d as ISO 8601 has it',
    (ms) => {
      expect(isoNow(ms)).toBe(new Date(ms).toISOString());
    },
  );
});
