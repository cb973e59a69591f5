import { atOnce, inTurns, type Slices } from './slices.js';

describe('slices', () => {
  function* counting(done: string[]): Slices<number> {
    for (let n = 0; n < 3; n += 1) {
      done.push(`slice ${n}`);
      yield;
    }
    return 3;
  }

  it('[P2] are done in one go where nobody waits', () => {
    const done: string[] = [];
    expect(atOnce(counting(done))).toBe(3);
    expect(done).toEqual(['slice 0', 'slice 1', 'slice 2']);
  });

  it('[P2] pause after each of them', async () => {
    const done: string[] = [];
    expect(await inTurns(counting(done), async () => void done.push('pause'))).toBe(3);
    expect(done).toEqual(['slice 0', 'pause', 'slice 1', 'pause', 'slice 2', 'pause']);
  });
});
