import { plainText } from './plain-text.js';

describe('plainText', () => {
  it.each([
    ['  a task\r\nwith a line  ', 'a task\nwith a line'],
    ['safe\u202Etxt.exe\u2066\u200B', 'safetxt.exe'],
    ['bell\u0007 esc\u001B[31m del\u007F c1\u0085', 'bell esc[31m del c1'],
    ['tab\tstays, so do 👩‍👩‍👧 and é', 'tab\tstays, so do 👩‍👩‍👧 and é'],
    ['tag\u{E0041}s', 'tags'],
    ['lone \uD800 half', 'lone \uFFFD half'],
    [5, ''],
    [null, ''],
  ])('[S6] %j is shown as %j', (text, shown) => {
    expect(plainText(text, 100)).toBe(shown);
  });

  it('[S6] cuts what is too long', () => {
    expect(plainText('x'.repeat(1_000_000), 10)).toBe('xxxxxxxxx…');
    expect(plainText('x'.repeat(10), 10)).toBe('xxxxxxxxxx');
  });
});
