import { RepeatedRefusals } from './repeated-refusals.js';

describe('RepeatedRefusals', () => {
  it('[S5] tells the third of a caller within a minute, once a minute', () => {
    let ms = 1;
    const refusals = new RepeatedRefusals(() => ms);
    const after = (pauseMs: number) => (ms += pauseMs) >= 0 && refusals.isTelling('a');
    expect([0, 1, 1, 1, 1].map(after)).toEqual([false, false, true, false, false]);
    expect([59_997, 30_000, 30_001, 1, 1].map(after)).toEqual([false, false, false, false, true]);
    expect(refusals.isTelling('b')).toBe(false);
  });

  it('[S5][P5] remembers ten thousand callers at the most', () => {
    const refusals = new RepeatedRefusals();
    for (let caller = 0; caller < 10_100; caller += 1) refusals.isTelling(String(caller));
    expect(refusals.size).toBe(10_000);
  });
});
