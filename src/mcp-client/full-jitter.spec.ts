import { fullJitter } from './full-jitter.js';

describe('[E2] fullJitter', () => {
  const bounds = { firstMs: 100, longestMs: 400 };

  it.each([
    [0, 100],
    [1, 200],
    [2, 400],
    [3, 400],
    [1_000, 400],
  ])('after %d failures it is anything below %d ms', (failures, bound) => {
    expect(fullJitter(failures, bounds, () => 0)).toBe(0);
    expect(fullJitter(failures, bounds, () => 0.5)).toBe(bound / 2);
    expect(fullJitter(failures, bounds, () => 0.9999)).toBe(bound - 1);
  });
});
