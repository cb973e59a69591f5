import { hash } from 'node:crypto';
import { ANONYMOUS } from '../correlation/principal.js';
import { VerifiedTokens } from './verified-tokens.js';

const digestOf = (token: string) => hash('sha256', token, 'buffer');
const endsIn = (seconds: number) => ({ principal: ANONYMOUS, expiresAt: Date.now() / 1000 + seconds });

describe('VerifiedTokens', () => {
  beforeEach(() => jest.useFakeTimers({ now: 1_800_000_000_000 }));
  afterEach(() => jest.useRealTimers());

  it.each([
    [600, 59_999, true],
    [600, 60_000, false],
    [Infinity, 60_000, false],
    [10, 9_999, true],
    [10, 10_000, false],
    [-10, 0, false],
  ])('[S1] a token that ends in %d s is believed after %d ms: %s', (seconds, later, isBelieved) => {
    const tokens = new VerifiedTokens();
    expect(tokens.note(digestOf('a'), endsIn(seconds))).toBe(ANONYMOUS);
    jest.advanceTimersByTime(later);
    expect(tokens.holder(digestOf('a'))).toBe(isBelieved ? ANONYMOUS : undefined);
    expect(tokens.holder(digestOf('b'))).toBeUndefined();
  });

  it('[S1] a token is believed for no longer than a minute though the clock is set back, and not beyond its end where it is set forward', () => {
    const tokens = new VerifiedTokens();
    const isBelieved = () => tokens.holder(digestOf('a')) === ANONYMOUS;
    tokens.note(digestOf('a'), endsIn(600));
    jest.setSystemTime(Date.now() - 3_600_000);
    jest.advanceTimersByTime(59_999);
    expect(isBelieved()).toBe(true);
    jest.advanceTimersByTime(1);
    expect(isBelieved()).toBe(false);
    tokens.note(digestOf('a'), endsIn(600));
    jest.setSystemTime(Date.now() + 599_999);
    expect(isBelieved()).toBe(true);
    jest.setSystemTime(Date.now() + 1);
    expect(isBelieved()).toBe(false);
  });

  it('[S1] keeps nothing of a bad one', () => {
    const tokens = new VerifiedTokens();
    expect(tokens.note(digestOf('a'), 'auth_expired')).toBe('auth_expired');
    expect(tokens.size).toBe(0);
  });

  it('[S1] remembers a thousand, and forgets the oldest', () => {
    const tokens = new VerifiedTokens();
    for (let token = 0; token < 1_100; token += 1) tokens.note(digestOf(String(token)), endsIn(600));
    expect(tokens.size).toBe(1_000);
    expect(tokens.holder(digestOf('99'))).toBeUndefined();
    expect(tokens.holder(digestOf('100'))).toBe(ANONYMOUS);
  });
});
