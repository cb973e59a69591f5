import { CallAbort } from '@app/mcp-transport';
import { CallSlots, type Slot } from './call-slots.js';

const REQUEST_TIMEOUT_MS = 30_000;

/** The clock is a mock. */
describe('[P1] CallSlots', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const slots = (maxConnections: number, reservedConnections = 0) =>
    new CallSlots({ maxConnections, reservedConnections, requestTimeoutMs: REQUEST_TIMEOUT_MS });

  it('has so many, each once', () => {
    const all = slots(2);
    const [one, two] = [all.take('a'), all.take('a')];
    expect([one, two, all.take('a')]).toEqual([expect.anything(), expect.anything(), undefined]);
    one?.release();
    one?.release();
    expect(all.take('a')).toBeDefined();
    expect(all.take('a')).toBeUndefined();
  });

  it('gives one that comes back to who waits, past those who ask only now', async () => {
    const all = slots(1);
    const first = all.take('a');
    const second = all.wait('a', new CallAbort());
    first?.release();
    expect(all.take('a')).toBeUndefined();
    (await second)?.release();
    expect(all.take('a')).toBeDefined();
  });

  it('gives one at once to who would wait where one is free', async () => {
    expect(await slots(1).wait('a', new CallAbort())).toBeDefined();
  });

  it('lets nobody wait longer than REQUEST_TIMEOUT', async () => {
    const all = slots(1);
    const first = all.take('a');
    const waited = all.wait('a', new CallAbort());
    await jest.advanceTimersByTimeAsync(REQUEST_TIMEOUT_MS);
    expect(await waited).toBeUndefined();
    first?.release();
    expect(all.take('a')).toBeDefined();
  });

  it('counts as in flight what has come whole, until it is over', () => {
    const all = slots(3);
    const [begun, coming] = [all.take('a'), all.take('a')] as [Slot, Slot];
    begun.start();
    begun.start();
    expect(all.inFlight).toBe(1);
    coming.release();
    expect(all.inFlight).toBe(1);
    begun.release();
    begun.start();
    expect(all.inFlight).toBe(0);
  });
});
