import { getEventListeners } from 'node:events';
import { CallDeadline } from './call-deadline.js';
import { PendingCall } from './pending-call.js';

/** The clock is a mock. */
describe('PendingCall', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const start = () => {
    const leaving = new AbortController();
    const progress: unknown[] = [];
    const cancelled: unknown[] = [];
    const call = {
      tool: 'work',
      inputSchema: {},
      args: { text: '{}', value: {} },
      correlationId: 'c',
      isIdempotent: false,
      signal: leaving.signal,
      onProgress: (params: unknown) => progress.push(params),
    };
    const deadline = new CallDeadline({ requestTimeoutMs: 30_000, maxCallDurationMs: 300_000 });
    const pending = new PendingCall('req_1', call, deadline, { cancel: ({ id }, reason) => cancelled.push([id, reason]) });
    return { pending, leaving, progress, cancelled };
  };

  const ANSWER = { id: 'req_1', result: { content: [] } };
  const PROGRESS = { method: 'notifications/progress', params: { progressToken: 'req_1', progress: 1 } };

  it('takes its answer and its progress, nothing else', async () => {
    const { pending, progress } = start();
    expect(pending.receive({ id: 'req_2', result: {} }, '{}')).toBe(false);
    expect(pending.receive({ method: 'notifications/progress', params: { progressToken: 'req_2' } }, '{}')).toBe(false);
    expect(pending.receive({ id: 'req_1', method: 'ping' }, '{}')).toBe(false);
    expect(pending.receive(PROGRESS, '{}')).toBe(true);
    expect(pending.receive(ANSWER, '{"id":"req_1","result":{ "content": [] }}')).toBe(true);
    await expect(pending.answer).resolves.toMatchObject({ kind: 'result', result: { value: { content: [] }, text: '{ "content": [] }' } });
    expect(progress).toEqual([PROGRESS.params]);
  });

  it('[E2] reports no progress after its end', async () => {
    const { pending, progress, cancelled } = start();
    pending.receive(ANSWER, '{}');
    pending.receive(PROGRESS, '{}');
    expect(progress).toEqual([]);
    pending.receive({ id: 'req_1', error: { code: 1, message: 'second' } }, '{}');
    await expect(pending.answer).resolves.toMatchObject({ kind: 'result' });
    expect(cancelled).toEqual([]);
  });

  it('[E2] is cancelled when the caller leaves, once', async () => {
    const { pending, leaving, cancelled } = start();
    leaving.abort();
    await expect(pending.answer).resolves.toEqual({ kind: 'cancelled' });
    expect(cancelled).toEqual([['req_1', 'The caller left.']]);
  });

  it('[E2] listens to its caller no longer than it waits', () => {
    const { pending, leaving } = start();
    expect(getEventListeners(leaving.signal, 'abort')).toHaveLength(1);
    pending.receive(ANSWER, '{}');
    expect(getEventListeners(leaving.signal, 'abort')).toHaveLength(0);
  });

  it('[E2] tells whether it was sent when its time is up', async () => {
    const { pending, cancelled } = start();
    pending.isSent = true;
    jest.advanceTimersByTime(30_000);
    await expect(pending.answer).resolves.toEqual({ kind: 'timeout', sent: true, limit: 'REQUEST_TIMEOUT', seconds: 30 });
    expect(cancelled).toEqual([['req_1', 'No answer within REQUEST_TIMEOUT (30 s).']]);
  });
});
