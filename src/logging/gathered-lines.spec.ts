import { gathered } from './gathered-lines.js';

describe('lines that are gathered', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('are written 50 ms after the first of them, and nothing is while there are none', () => {
    const done: string[] = [];
    const stream = gathered({ write: (line) => done.push(line), flush: () => done.push('flush'), flushSync: () => done.push('whole') });
    jest.advanceTimersByTime(1_000);
    expect(done).toEqual([]);
    stream.write('a');
    jest.advanceTimersByTime(49);
    stream.write('b');
    jest.advanceTimersByTime(1);
    expect(done).toEqual(['a', 'b', 'flush']);
    jest.advanceTimersByTime(1_000);
    stream.write('c');
    jest.advanceTimersByTime(50);
    stream.flushSync();
    expect(done).toEqual(['a', 'b', 'flush', 'c', 'flush', 'whole']);
  });
});
