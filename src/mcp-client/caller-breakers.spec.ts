import { CallerBreakers } from './caller-breakers.js';
import { FAILURES_TO_OPEN } from './upstream-breaker.js';

describe('[S7] CallerBreakers', () => {
  const fail = (breakers: CallerBreakers, digest: string) => {
    for (let call = 0; call < FAILURES_TO_OPEN; call++) {
      const breaker = breakers.of(digest);
      breaker.note({ kind: 'unreachable', message: '' }, breaker.ticket);
    }
  };

  it('keeps calls of one caller apart from those of others', () => {
    let opened = 0;
    const breakers = new CallerBreakers(() => (opened += 1));
    fail(breakers, 'ann');
    expect([breakers.of('ann').isClosed, breakers.of('bob').isClosed, opened]).toEqual([false, true, 1]);
  });

  it('closes those that wanted a connection when there is one', () => {
    const breakers = new CallerBreakers(() => undefined);
    breakers.connected();
    fail(breakers, 'ann');
    breakers.connected();
    expect(breakers.of('ann').isClosed).toBe(true);
  });

  it('forgets those first who called least recently', () => {
    const breakers = new CallerBreakers(() => undefined);
    for (const digest of ['ann', 'bob']) fail(breakers, digest);
    breakers.of('ann');
    for (let other = 0; other < 999; other++) breakers.of(`other ${other}`);
    expect([breakers.of('ann').isClosed, breakers.of('bob').isClosed]).toEqual([false, true]);
  });
});
