import { CallAbort } from '@app/mcp-transport';
import { WaitingQueue } from './waiting-queue.js';

/** The clock is a mock. */
describe('[P1] WaitingQueue', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const MAX_WAIT_MS = 30_000;
  /** A line in which some wait, and what each of them has been given. */
  const lineOf = (names: readonly string[], maxWaiting?: number) => {
    const line = new WaitingQueue<number>(MAX_WAIT_MS, maxWaiting);
    const given: [string, number | undefined][] = [];
    const signals = new Map<string, CallAbort>();
    const join = (name: string) => {
      const signal = new CallAbort();
      signals.set(name, signal);
      void line.join(name, signal).then((what) => given.push([name, what]));
    };
    names.forEach(join);
    return { line, given, join, leave: (name: string) => signals.get(name)?.abort() };
  };
  /** Lets what is resolved be told. */
  const told = () => jest.advanceTimersByTimeAsync(0);

  it('serves in the order in which they came, each once', async () => {
    const { line, given } = lineOf(['a', 'b', 'c']);
    for (const turn of [1, 2, 3]) line.next(() => turn);
    await told();
    expect(given).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
    expect([line.length, jest.getTimerCount()]).toEqual([0, 0]);
  });

  it('makes nothing where nobody waits', () => {
    const make = jest.fn(() => 1);
    lineOf([]).line.next(make);
    expect(make).not.toHaveBeenCalled();
  });

  it('passes over those who have left, who are told at once', async () => {
    const { line, given, leave } = lineOf(['a', 'b', 'c']);
    leave('b');
    await told();
    expect(given).toEqual([['b', undefined]]);
    for (const turn of [1, 2]) line.next(() => turn);
    leave('a');
    await told();
    expect(given.slice(1)).toEqual([
      ['a', 1],
      ['c', 2],
    ]);
  });

  it('lets nobody in who has left before', async () => {
    const { line } = lineOf([]);
    const gone = new CallAbort();
    gone.abort();
    expect(await line.join('gone', gone)).toBeUndefined();
    expect(line.length).toBe(0);
  });

  it('refuses at once where too many wait, until there is room', async () => {
    const { line, given, join, leave } = lineOf(['a', 'b'], 2);
    join('too many');
    await told();
    expect(given).toEqual([['too many', undefined]]);
    leave('a');
    join('c');
    line.next(() => 1);
    line.next(() => 2);
    await told();
    expect(given.slice(1)).toEqual([
      ['a', undefined],
      ['b', 1],
      ['c', 2],
    ]);
  });

  it('has room for a thousand unless told', async () => {
    const { line, given, join } = lineOf(Array.from({ length: 1_000 }, (_, index) => `${index}`));
    expect(line.length).toBe(1_000);
    join('one more');
    await told();
    expect(given).toEqual([['one more', undefined]]);
  });

  it('sends away who has waited too long, and nobody else', async () => {
    const { line, given, join } = lineOf(['early']);
    await jest.advanceTimersByTimeAsync(MAX_WAIT_MS - 1);
    join('late');
    expect(given).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect([given, line.length]).toEqual([[['early', undefined]], 1]);
    line.next(() => 1);
    await told();
    expect(given.slice(1)).toEqual([['late', 1]]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
