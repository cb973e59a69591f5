import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { StateGauges } from '../metrics/state-gauges.js';
import { memoryLimit } from './memory-limit.js';
import { MemoryPressure } from './memory-pressure.service.js';

describe('[P5] MemoryPressure', () => {
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(new ConsoleLogger()));
  const memory = (memoryLimitBytes: number | undefined) => new MemoryPressure({ memoryLimitBytes }, new StateGauges());
  const after = (pressure: MemoryPressure, ...sets: readonly number[]) =>
    sets.map((rss) => {
      pressure.note(rss);
      return pressure.isHigh;
    });

  it('is high above 85 % of the limit, until it is below 80 %', () => {
    expect(after(memory(1_000), 850, 851, 801, 840, 800, 850, 851)).toEqual([false, true, true, true, false, false, true]);
  });

  it('is never high without a limit', () => {
    expect(after(memory(undefined), 1e15)).toEqual([false]);
  });
});

describe('[P5] memory that nobody uses', () => {
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(new ConsoleLogger()));

  it('is collected while it is high, since no call makes V8 do so', async () => {
    const pressure = new MemoryPressure({ memoryLimitBytes: 1_000 }, new StateGauges());
    const garbage = Array.from({ length: 100 }, () => new WeakRef({ of: 'nobody' }));
    await nextTurn();
    const left = () => garbage.filter((each) => each.deref() !== undefined).length;
    const before = left();
    await nextTurn();
    pressure.note(851);
    await nextTurn();
    expect([before, left()]).toEqual([100, 0]);
  });
});

describe('[P5] memoryLimit', () => {
  it.each([
    ['neither', undefined, 0, undefined],
    ['a cgroup without a limit', undefined, 2 ** 64, undefined],
    ['a setting alone', 5_000, 2 ** 64, 5_000],
    ['a cgroup alone', undefined, 4_000, 4_000],
    ['both, the setting less', 3_000, 4_000, 3_000],
    ['both, the cgroup less', 5_000, 4_000, 4_000],
  ])('knows of %s', (_, told, ofCgroup, limit) => {
    expect(memoryLimit(told, ofCgroup)).toBe(limit);
  });
});
