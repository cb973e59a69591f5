import { BURST, PacedProgress, PAUSE_MS } from './paced-progress.js';

/** The clock is a mock. */
describe('[AC4] progress that is reported', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const start = () => {
    const told: number[] = [];
    const paced = new PacedProgress<{ n: number }>(({ n }) => told.push(n));
    let n = 0;
    const report = (count: number) => {
      for (let i = 0; i < count; i++) paced.take({ n: ++n });
    };
    return { told, paced, report };
  };

  it('at any sane pace is told as it comes', () => {
    const { told, report, paced } = start();
    report(BURST);
    for (let i = 0; i < 20; i++) {
      jest.advanceTimersByTime(PAUSE_MS);
      report(1);
    }
    expect(told).toEqual(Array.from({ length: BURST + 20 }, (_, at) => at + 1));
    paced.end();
    expect([told.length, jest.getTimerCount()]).toEqual([BURST + 20, 0]);
  });

  it('in floods is told a few times a second, the latest each time, and its last at the end', () => {
    const { told, report, paced } = start();
    for (let i = 0; i < 100; i++) {
      report(1_000);
      jest.advanceTimersByTime(10);
    }
    // The burst, and ten a second.
    expect(told.length).toBeLessThanOrEqual(BURST + 11);
    expect(told.slice(BURST).every((n) => n % 1_000 === 0)).toBe(true);
    report(1);
    paced.end();
    expect([told.at(-1), jest.getTimerCount()]).toEqual([100_001, 0]);
    jest.advanceTimersByTime(60_000);
    expect(told.at(-1)).toBe(100_001);
  });
});
