import { setTimeout as sleep } from 'node:timers/promises';
import { CallDeadline } from './call-deadline.js';
import { CallAbort, type CallSignal } from './call-signal.js';
import { toCredentials } from './caller-credentials.js';
import { type CallerSession, CallerSessions, type CredentialedCall } from './caller-sessions.js';
import type { UpstreamAnswer } from './upstream-answer.js';

const DONE: UpstreamAnswer = { kind: 'rpc_error', error: { code: 1, message: 'done' } };

/** Sessions that note what becomes of them. */
function sessionsOf(limits: { maxSessions?: number; idleMs?: number; sweepMs?: number } = {}) {
  const opened: string[] = [];
  const closed: string[] = [];
  const made = new Map<string, CallerSession & { isOver: boolean }>();
  let failure: unknown;
  const sessions = new CallerSessions<CallerSession & { name: string }>(
    async ({ headers: { user = '' } }) => {
      opened.push(user);
      await sleep(1);
      if (failure !== undefined) throw failure as Error;
      const session = { name: user, isOver: false, close: async () => void closed.push(user) };
      made.set(user, session);
      return session;
    },
    { maxSessions: 2, idleMs: 60_000, sweepMs: 60_000, ...limits },
  );
  const call = (user: string, during?: Promise<unknown>, signal: CallSignal = new CallAbort()) => {
    const credentials = toCredentials([['user', user]]);
    const deadline = new CallDeadline({ requestTimeoutMs: 60_000, maxCallDurationMs: 60_000 });
    return sessions
      .call({ credentials, signal } as Partial<CredentialedCall> as CredentialedCall, deadline, async ({ name }) => {
        expect(name).toBe(user);
        await during;
        return DONE;
      })
      .finally(() => deadline.clear());
  };
  return { sessions, opened, closed, made, call, failWith: (error: unknown) => (failure = error) };
}

describe('[S7] CallerSessions', () => {
  it('opens one for each caller, however many calls wait for it', async () => {
    const { opened, call } = sessionsOf();
    await Promise.all([call('ann'), call('bob'), call('ann')]);
    await call('bob');
    expect(opened).toEqual(['ann', 'bob']);
  });

  it('makes room by closing the one that was used least recently', async () => {
    const { sessions, opened, closed, call } = sessionsOf();
    for (const user of ['ann', 'bob', 'ann', 'cid', 'ann']) await call(user);
    await sleep(5);
    expect([opened, closed, sessions.size]).toEqual([['ann', 'bob', 'cid'], ['bob'], 2]);
  });

  it('closes none that a call is using: who finds no room is told so', async () => {
    const { closed, call } = sessionsOf();
    let end!: () => void;
    const during = new Promise<void>((resolve) => (end = resolve));
    const using = [call('ann', during), call('bob', during)];
    await sleep(10);
    expect(await call('cid')).toEqual({ kind: 'busy', message: '2 callers have calls in flight' });
    end();
    expect([await Promise.all(using), closed]).toEqual([[DONE, DONE], []]);
    expect(await call('cid')).toEqual(DONE);
  });

  it('closes those that nobody uses for a while', async () => {
    const { sessions, closed, call } = sessionsOf({ idleMs: 0, sweepMs: 5 });
    await call('ann');
    while (sessions.size > 0) await sleep(5);
    await sleep(5);
    expect(closed).toEqual(['ann']);
    await sessions.close();
  });

  it('replaces one that is over, and closes it after its last call', async () => {
    const { opened, closed, made, call } = sessionsOf();
    await call('ann');
    (made.get('ann') as { isOver: boolean }).isOver = true;
    await call('ann');
    await sleep(5);
    expect([opened, closed]).toEqual([['ann', 'ann'], ['ann']]);
  });

  it.each([
    [Object.assign(new Error('secret'), { status: 401 }), { kind: 'http_status', status: 401, retryAfterSeconds: undefined }],
    [new Error('secret'), { kind: 'unreachable', message: 'The MCP server opens no session for this caller.', isOnlyCallers: true }],
    [Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), { kind: 'unreachable', message: 'refused' }],
  ])('answers without the words of %j that could not be opened, and tries anew', async (error, expected) => {
    const { sessions, opened, call, failWith } = sessionsOf();
    failWith(error);
    expect(await Promise.all([call('ann'), call('ann')])).toEqual([expected, expected]);
    expect([opened, sessions.size]).toEqual([['ann'], 0]);
    failWith(undefined);
    expect(await call('ann')).toEqual(DONE);
  });

  it('does not keep a caller who left', async () => {
    const { call } = sessionsOf();
    expect(await call('ann', undefined, AbortSignal.abort())).toEqual({ kind: 'cancelled' });
  });

  it('closes all in the end', async () => {
    const { sessions, closed, call } = sessionsOf();
    await Promise.all([call('ann'), call('bob')]);
    await sessions.close();
    expect([closed, sessions.size]).toEqual([['ann', 'bob'], 0]);
  });
});
