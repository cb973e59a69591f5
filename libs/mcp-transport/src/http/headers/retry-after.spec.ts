import { retryAfterSeconds } from './retry-after.js';

describe('[E4] retryAfterSeconds', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');

  it.each<[string | string[] | undefined, number | undefined]>([
    ['0', 0],
    ['2', 2],
    [' 3600 ', 3600],
    [['7', '8'], 7],
    ['9'.repeat(400), 2 ** 31],
    ['Sun, 22 Nov 2026 12:00:05 GMT', 5],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['-1x', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%p is %p', (header, seconds) => expect(retryAfterSeconds(header, now)).toBe(seconds));
});
