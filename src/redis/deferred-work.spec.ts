import { EventEmitter } from 'node:events';
import { jest } from '@jest/globals';
import { DeferredWork } from './deferred-work.js';
import type { Redis } from './redis.service.js';

describe('work that is done when Redis is back', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is done once more where it is asked for while it is being done', async () => {
    const ends: ((isDone: boolean) => void)[] = [];
    const work = new DeferredWork(new EventEmitter() as Redis, () => new Promise((resolve) => ends.push(resolve)));
    work.ask();
    await jest.advanceTimersByTimeAsync(1_000);
    work.ask();
    await jest.advanceTimersByTimeAsync(500);
    ends[0]?.(true);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(ends).toHaveLength(2);
    ends[1]?.(true);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(ends).toHaveLength(2);
  });
});
