import { delayOf, FailureDelay } from './failure-delay.js';

describe('FailureDelay', () => {
  it('[S5] answers five failures at once, then doubles the wait, up to two seconds', () => {
    expect([1, 5, 6, 7, 8, 9, 10, 11, 1e6].map(delayOf)).toEqual([0, 0, 100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it('[S5] counts each address for itself, and starts anew after a minute without failures', async () => {
    let now = 1;
    const delay = new FailureDelay(() => now);
    const failAt = (address: string, ms: number) => (now = ms) && delay.noteFailure(address);
    for (let failure = 1; failure <= 5; failure += 1) expect(failAt('192.0.2.1', failure)).toBeUndefined();
    const started = performance.now();
    await failAt('192.0.2.1', 6);
    expect(performance.now() - started).toBeGreaterThan(90);
    expect(failAt('192.0.2.2', 7)).toBeUndefined();
    expect([60_000, 110_000, 170_001].map((now) => failAt('192.0.2.1', now) !== undefined)).toEqual([true, true, false]);
  });

  it('[S5] remembers ten thousand addresses at the most, and lets a thousand refusals wait', () => {
    const delay = new FailureDelay();
    for (let address = 0; address < 10_100; address += 1) void delay.noteFailure(String(address));
    expect(delay.size).toBe(10_000);
    const waits = Array.from({ length: 1_100 }, () => delay.noteFailure('192.0.2.1')).filter((wait) => wait !== undefined);
    expect(waits).toHaveLength(1_000);
  });
});
