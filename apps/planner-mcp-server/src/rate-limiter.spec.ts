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

  it('takes a batch whole or not at all', () => {
    const limited = limiter(3);
    limited.take(2);
    expect(limited.take(2)).toBe(60);
    expect(limited.take(1)).toBeUndefined();
  });
});
