import { CallDeadline } from './call-deadline.js';
import { CallAbort } from './call-signal.js';
import { CallsInFlight } from './calls-in-flight.js';
import type { UpstreamAnswer } from './upstream-answer.js';

const LOST: UpstreamAnswer = { kind: 'lost', message: 'gone' };

describe('[AC5] CallsInFlight', () => {
  const start = () => {
    const calls = new CallsInFlight();
    const deadline = new CallDeadline({ requestTimeoutMs: 30_000, maxCallDurationMs: 30_000 });
    deadline.clear();
    const add = () => {
      const args = { text: '{}', value: {} };
      const call = { tool: 'work', inputSchema: {}, args, correlationId: 'c', isIdempotent: false, signal: new CallAbort() };
      return calls.add(call, deadline, { cancel: () => undefined });
    };
    return { calls, add };
  };

  it('takes so many and no more, until one is over', () => {
    const { calls, add } = start();
    const all = Array.from({ length: 1_050 }, add);
    expect(calls.refusal()).toEqual({ kind: 'busy', message: '1050 calls wait already' });
    all[7]?.finish(LOST);
    expect(calls.refusal()).toBeUndefined();
    add();
    expect(calls.refusal()).toMatchObject({ kind: 'busy' });
  });

  it('hands answers to their calls, and keeps those of calls that are over', async () => {
    const { calls, add } = start();
    const [one, other] = [add(), add()];
    const answerTo = (id: unknown) => calls.receive({ id, result: {} }, '{}');
    expect([answerTo(one.id), answerTo(one.id), answerTo('another'), answerTo(1)]).toEqual([true, true, false, false]);
    await expect(one.answer).resolves.toMatchObject({ kind: 'result' });
    calls.finishAll(LOST);
    await expect(other.answer).resolves.toEqual(LOST);
    expect(calls.ends()).toEqual([]);
  });
});
