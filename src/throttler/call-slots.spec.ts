import { CallAbort } from '@app/mcp-transport';
import { CallSlots, type Slot } from './call-slots.js';

const REQUEST_TIMEOUT_MS = 30_000;

/** The clock is a mock. */
describe('[P1] CallSlots', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const slots = (maxConnections: number) => new CallSlots({ maxConnections, requestTimeoutMs: REQUEST_TIMEOUT_MS });

  it('has so many, each once', () => {
    const all = slots(2);
    const [one, two] = [all.take(), all.take()];
    expect([one, two, all.take()]).toEqual([expect.anything(), expect.anything(), undefined]);
    one?.release();
    one?.release();
    expect(all.take()).toBeDefined();
    expect(all.take()).toBeUndefined();
  });

  it('gives one that comes back to who waits, past those who ask only now', async () => {
    const all = slots(1);
    const first = all.take();
    const second = all.wait(new CallAbort());
    first?.release();
    expect(all.take()).toBeUndefined();
    (await second)?.release();
    expect(all.take()).toBeDefined();
  });

  it('gives one at once to who would wait where one is free', async () => {
    expect(await slots(1).wait(new CallAbort())).toBeDefined();
  });

  it('lets nobody wait longer than REQUEST_TIMEOUT', async () => {
    const all = slots(1);
    const first = all.take();
    const waited = all.wait(new CallAbort());
    await jest.advanceTimersByTimeAsync(REQUEST_TIMEOUT_MS);
    expect(await waited).toBeUndefined();
    first?.release();
    expect(all.take()).toBeDefined();
  });

  it('counts as in flight what has come whole, until it is over', () => {
    const all = slots(3);
    const [begun, coming] = [all.take(), all.take()] as [Slot, Slot];
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
