import type { UpstreamAnswer } from '@app/mcp-transport';
import { FAILURES_TO_OPEN, OPEN_MS, UpstreamBreaker } from './upstream-breaker.js';

const RESULT: UpstreamAnswer = { kind: 'result', result: { text: '{}', value: {} } };
const LOST: UpstreamAnswer = { kind: 'lost', message: 'gone' };
const UNREACHABLE: UpstreamAnswer = { kind: 'unreachable', message: 'away' };
const TIMEOUT = { kind: 'timeout', sent: true, seconds: 30 } as const;

/** The clock is a mock. */
describe('[E1] UpstreamBreaker', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const start = (failure: UpstreamAnswer = LOST, failures = FAILURES_TO_OPEN) => {
    const opened = jest.fn();
    const breaker = new UpstreamBreaker(opened);
    for (let call = 0; call < failures; call++) breaker.note(failure, breaker.ticket);
    const tryWith = (answer: UpstreamAnswer) => breaker.tryOrRefuse(async () => answer);
    return { breaker, opened, tryWith };
  };

  it.each<[string, UpstreamAnswer, boolean]>([
    ['lost connections', LOST, true],
    ['no connection', UNREACHABLE, true],
    ['HTTP 500', { kind: 'http_status', status: 500, retryAfterSeconds: undefined }, true],
    ['silence', { ...TIMEOUT, limit: 'REQUEST_TIMEOUT' }, true],
    ['calls that take long', { ...TIMEOUT, limit: 'MAX_CALL_DURATION' }, false],
    ['HTTP 404', { kind: 'http_status', status: 404, retryAfterSeconds: undefined }, false],
    ['JSON-RPC errors', { kind: 'rpc_error', error: { code: -32_603, message: '' } }, false],
    ['callers who leave', { kind: 'cancelled' }, false],
  ])('opens for %s or not', (_, failure, isOpen) => {
    const { breaker, opened } = start(failure);
    expect([breaker.isClosed, opened.mock.calls.length]).toEqual([!isOpen, isOpen ? 1 : 0]);
  });

  it('counts calls that fail together as one, and begins anew after an answer', () => {
    const { breaker } = start(LOST, FAILURES_TO_OPEN - 1);
    breaker.note(RESULT, breaker.ticket);
    const { ticket } = breaker;
    for (let call = 0; call < FAILURES_TO_OPEN; call++) breaker.note(LOST, ticket);
    expect(breaker.isClosed).toBe(true);
    for (let call = 1; call < FAILURES_TO_OPEN; call++) breaker.note(LOST, breaker.ticket);
    expect(breaker.isClosed).toBe(false);
  });

  it('refuses calls for as long as it says, whatever becomes of the time of day', async () => {
    const { tryWith } = start();
    expect(await tryWith(RESULT)).toEqual({ kind: 'paused', retryAfterSeconds: 5 });
    jest.setSystemTime(Date.now() - 3_600_000);
    jest.advanceTimersByTime(OPEN_MS - 1_500);
    expect(await tryWith(RESULT)).toEqual({ kind: 'paused', retryAfterSeconds: 2 });
    jest.advanceTimersByTime(1_500);
    expect(await tryWith(RESULT)).toEqual(RESULT);
  });

  it('has one call try for all, whose answer closes it', async () => {
    const { breaker, tryWith } = start();
    jest.advanceTimersByTime(OPEN_MS);
    let answer!: (answer: UpstreamAnswer) => void;
    const trial = breaker.tryOrRefuse(() => new Promise((resolve) => (answer = resolve)));
    expect(await tryWith(RESULT)).toEqual({ kind: 'paused', retryAfterSeconds: 1 });
    answer(RESULT);
    await expect(trial).resolves.toEqual(RESULT);
    expect(breaker.isClosed).toBe(true);
    for (let call = 1; call < FAILURES_TO_OPEN; call++) breaker.note(LOST, breaker.ticket);
    expect(breaker.isClosed).toBe(true);
  });

  it.each<[string, () => Promise<UpstreamAnswer>]>([
    ['that fails', async () => LOST],
    ['whose caller leaves', async () => ({ kind: 'cancelled' })],
    ['that throws', async () => Promise.reject(new Error('never'))],
  ])('opens again for a trial %s', async (_, send) => {
    const { opened, tryWith, breaker } = start();
    jest.advanceTimersByTime(OPEN_MS);
    await breaker.tryOrRefuse(send).catch(() => undefined);
    expect(opened).toHaveBeenCalledTimes(2);
    expect(await tryWith(RESULT)).toEqual({ kind: 'paused', retryAfterSeconds: 5 });
    jest.advanceTimersByTime(OPEN_MS);
    expect(await tryWith(RESULT)).toEqual(RESULT);
  });

  it('is closed by a connection if there was none', async () => {
    const [away, broken] = [start(UNREACHABLE), start(LOST)];
    for (const { breaker } of [away, broken]) breaker.connected();
    expect([away.breaker.isClosed, broken.breaker.isClosed]).toEqual([true, false]);
  });

  it('takes no notice of a trial that began before that', async () => {
    const { breaker, opened } = start(UNREACHABLE);
    jest.advanceTimersByTime(OPEN_MS);
    let answer!: (answer: UpstreamAnswer) => void;
    const trial = breaker.tryOrRefuse(() => new Promise((resolve) => (answer = resolve)));
    breaker.connected();
    answer(LOST);
    await trial;
    expect([breaker.isClosed, opened.mock.calls.length]).toEqual([true, 1]);
  });
});
