import { delayOf, FailureDelay } from './failure-delay.js';

describe('FailureDelay', () => {
  let keys = 0;
  const another = () => `key-${(keys += 1)}`;

  it('[S5] answers five wrong keys at once, then doubles the wait, up to two seconds', () => {
    expect([1, 5, 6, 7, 8, 9, 10, 11, 1e6].map(delayOf)).toEqual([0, 0, 100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it('[S5] counts each network for itself, and starts anew after a minute without wrong keys', async () => {
    let now = 1;
    const delay = new FailureDelay(() => now);
    const failAt = (network: string, ms: number) => (now = ms) && delay.noteFailure(network, another());
    for (let failure = 1; failure <= 5; failure += 1) expect(failAt('192.0.2.1', failure)).toBeUndefined();
    const started = performance.now();
    await failAt('192.0.2.1', 6);
    expect(performance.now() - started).toBeGreaterThan(90);
    expect(failAt('192.0.2.2', 7)).toBeUndefined();
    expect([60_000, 110_000, 170_001].map((now) => failAt('192.0.2.1', now) !== undefined)).toEqual([true, true, false]);
  });

  it('[S5] counts a key once, and answers at once what was refused before, in whichever network', async () => {
    const delay = new FailureDelay();
    for (let time = 0; time < 20; time += 1) expect(delay.noteFailure('192.0.2.1', 'the same')).toBeUndefined();
    for (let failure = 2; failure <= 5; failure += 1) expect(delay.noteFailure('192.0.2.1', another())).toBeUndefined();
    const held = 'held';
    const waits = [delay.noteFailure('192.0.2.1', held), delay.noteFailure('192.0.2.1', held), delay.noteFailure('192.0.2.9', held)];
    expect(waits.every((wait) => wait !== undefined)).toBe(true);
    await Promise.all(waits as Promise<void>[]);
    expect([delay.noteFailure('192.0.2.1', held), delay.noteFailure('192.0.2.9', held)]).toEqual([undefined, undefined]);
  });

  it('[S5] remembers ten thousand networks at the most, and lets a thousand refusals wait, the same key or not', () => {
    const delay = new FailureDelay();
    for (let network = 0; network < 10_100; network += 1) void delay.noteFailure(String(network), another());
    expect(delay.size).toBe(10_000);
    for (let failure = 1; failure <= 5; failure += 1) void delay.noteFailure('192.0.2.1', another());
    const waits = Array.from({ length: 1_100 }, (_, time) => delay.noteFailure('192.0.2.1', time % 2 ? 'twin' : another()));
    expect(waits.filter((wait) => wait !== undefined)).toHaveLength(1_000);
  });

  it('[S5] remembers ten thousand wrong keys', () => {
    const delay = new FailureDelay();
    for (let key = 0; key < 10_001; key += 1) void delay.noteFailure(`network-${key}`, `wrong-${key}`);
    for (let failure = 2; failure <= 5; failure += 1) void delay.noteFailure('192.0.2.1', another());
    void delay.noteFailure('192.0.2.1', another());
    expect([delay.noteFailure('192.0.2.1', 'wrong-9000'), delay.noteFailure('192.0.2.1', 'wrong-0') !== undefined]).toEqual([
      undefined,
      true,
    ]);
  });
});
