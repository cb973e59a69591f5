import { RateLimiter } from './rate-limiter.js';

describe('RateLimiter', () => {
  let now = 0;
  beforeEach(() => (now = 1_000_000));
  const limiter = (limit: number) => new RateLimiter(limit, () => now);

  it('lets as many in as the limit says, in any 60 seconds', () => {
    const limited = limiter(2);
    expect(limited.take(1)).toBeUndefined();
    now += 20_000;
    expect(limited.take(1)).toBeUndefined();
    expect(limited.take(1)).toBe(40);
    now += 39_999;
    expect(limited.take(1)).toBe(1);
    now += 1;
    expect(limited.take(1)).toBeUndefined();
    expect(limited.take(1)).toBe(20);
  });

  describe('by the clock of the machine', () => {
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => jest.useRealTimers());

    it('waits no longer though the time of day is set back', () => {
      const limited = new RateLimiter(1);
      limited.take(1);
      jest.setSystemTime(Date.now() - 3_600_000);
      expect(limited.take(1)).toBe(60);
      jest.advanceTimersByTime(60_000);
      expect(limited.take(1)).toBeUndefined();
    });
  });

  it('takes a batch whole or not at all', () => {
    const limited = limiter(3);
    limited.take(2);
    expect(limited.take(2)).toBe(60);
    expect(limited.take(1)).toBeUndefined();
  });
});
