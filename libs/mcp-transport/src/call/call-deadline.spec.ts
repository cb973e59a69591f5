import { CallDeadline } from './call-deadline.js';

/** The clock is a mock. */
describe('[E2] CallDeadline', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const start = (requestTimeoutMs: number, maxCallDurationMs: number) => {
    const ends: unknown[] = [];
    const deadline = new CallDeadline({ requestTimeoutMs, maxCallDurationMs });
    deadline.waiting = { timeUp: (limit, seconds) => ends.push([limit, seconds]) };
    return { deadline, ends };
  };

  it('ends a call that stays silent', () => {
    const { ends } = start(30_000, 300_000);
    jest.advanceTimersByTime(29_999);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ends).toEqual([['REQUEST_TIMEOUT', 30]]);
    jest.advanceTimersByTime(600_000);
    expect(ends).toHaveLength(1);
  });

  it('starts the silence anew with each sign of life, up to the total', () => {
    const { deadline, ends } = start(30_000, 300_000);
    for (let second = 25; second < 300; second += 25) {
      jest.advanceTimersByTime(25_000);
      deadline.extend();
    }
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(24_999);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ends).toEqual([['MAX_CALL_DURATION', 300]]);
  });

  it('ends by silence after the last sign of life', () => {
    const { deadline, ends } = start(30_000, 300_000);
    jest.advanceTimersByTime(20_000);
    deadline.extend();
    jest.advanceTimersByTime(29_999);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ends).toEqual([['REQUEST_TIMEOUT', 30]]);
  });

  it('names the total where it is the shorter one', () => {
    const { ends } = start(30_000, 10_000);
    jest.advanceTimersByTime(10_000);
    expect(ends).toEqual([['MAX_CALL_DURATION', 10]]);
  });

  it('never ends once it is cleared', () => {
    const { deadline, ends } = start(30_000, 300_000);
    deadline.clear();
    jest.advanceTimersByTime(600_000);
    expect(ends).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
