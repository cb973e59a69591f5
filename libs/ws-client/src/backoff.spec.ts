import { pauseAfter } from './backoff.js';

describe('[E9] the pause before the next attempt to connect', () => {
  it('is twice as long each time, up to half a minute', () => {
    const longest = Array.from({ length: 9 }, (_, failures) => pauseAfter(failures, () => 1));
    expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(pauseAfter(10_000, () => 1)).toBe(30_000);
  });

  it('is any part of that, so that not all clients come back at once', () => {
    expect([0, 0.25, 0.5].map((part) => pauseAfter(3, () => part))).toEqual([0, 1_000, 2_000]);
    const pauses = Array.from({ length: 100 }, () => pauseAfter(3));
    expect(new Set(pauses).size).toBeGreaterThan(50);
    expect(pauses.every((pause) => pause >= 0 && pause < 4_000)).toBe(true);
  });
});
