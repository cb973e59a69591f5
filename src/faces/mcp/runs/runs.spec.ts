import type { Caller } from '../../../correlation/caller.js';
import { ANONYMOUS } from '../../../correlation/principal.js';
import { BOUNDS } from '../bounds.js';
import type { Reply, RpcRequest } from '../rpc/rpc.js';
import type { Run } from './run.js';
import { Runs } from './runs.service.js';

const ANN: Caller = { principal: ANONYMOUS, address: '192.0.2.1', headers: {} };
const BOB: Caller = { principal: ANONYMOUS, address: '192.0.2.2', headers: {} };
const CALL: RpcRequest = { id: 1, method: 'tools/call', params: { name: 'work' }, text: '' };
const UNKNOWN = /does not know this requestState/;

describe('[P5] Runs', () => {
  /** A request that waits for its client; `end` answers it meanwhile. */
  const suspended = (runs: Runs, caller: Caller) => {
    let end!: (reply: Reply) => void;
    const run = runs.of(CALL, caller, undefined, () => new Promise((resolve) => (end = resolve)));
    const told = runs.suspend(run, caller, {});
    const state = 'result' in told ? (JSON.parse(told.result) as { requestState: string }).requestState : undefined;
    return { run, told, end: (result: string) => end({ result }), back: () => comeBack(runs, caller, state) };
  };
  const comeBack = (runs: Runs, caller: Caller, requestState: unknown): Run =>
    runs.of({ ...CALL, params: { ...CALL.params, requestState } }, caller, undefined, () => new Promise(() => undefined));

  it('lets so many of one client wait, and others wait beside them', () => {
    const runs = new Runs({ ...BOUNDS, maxSuspended: 3, maxSuspendedOfClient: 2 });
    const [first] = [suspended(runs, ANN), suspended(runs, ANN)];
    const third = suspended(runs, ANN);
    expect(third.told).toEqual({
      failure: { code: -32000, message: '2 requests of this client wait for answers already: answer some of them, then try again.' },
    });
    expect(third.run.signal.aborted).toBe(true);
    expect(suspended(runs, BOB).told).toMatchObject({ result: expect.stringContaining('input_required') });
    expect(suspended(runs, BOB).told).toEqual({
      failure: { code: -32000, message: '3 requests wait for answers already: try again later.' },
    });
    expect(first.back()).toBe(first.run);
    expect(suspended(runs, ANN).told).toMatchObject({ result: expect.stringContaining('input_required') });
    runs.onModuleDestroy();
  });

  it('keeps answers that came while their client was away, but not many characters of one client, nor of all', async () => {
    const runs = new Runs({ ...BOUNDS, maxUnfetchedOfClient: 10, maxUnfetchedOfAll: 15 });
    const [one, two, three, ofBob] = [ANN, ANN, ANN, BOB].map((caller) => suspended(runs, caller)) as [Waiting, Waiting, Waiting, Waiting];
    for (const each of [one, two]) each.end('x'.repeat(6));
    ofBob.end('x'.repeat(9));
    three.end('x'.repeat(4));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await one.back().next()).toEqual({ reply: { result: 'xxxxxx' } });
    expect(() => two.back()).toThrow(UNKNOWN);
    expect(await ofBob.back().next()).toEqual({ reply: { result: 'xxxxxxxxx' } });
    expect(() => three.back()).toThrow(UNKNOWN);
    const later = suspended(runs, ANN);
    later.end('x'.repeat(10));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await later.back().next()).toEqual({ reply: { result: 'xxxxxxxxxx' } });
  });

  type Waiting = ReturnType<typeof suspended>;
});
