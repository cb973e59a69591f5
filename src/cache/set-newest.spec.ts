import { setNewest } from './set-newest.js';

describe('setNewest', () => {
  it('[P5] keeps so many, those that were set last', () => {
    const map = new Map<string, number>();
    for (const [at, key] of ['a', 'b', 'c', 'a', 'd'].entries()) setNewest(map, key, at, 3);
    expect([...map]).toEqual([
      ['c', 2],
      ['a', 3],
      ['d', 4],
    ]);
  });
});
