import { pauseBeforeRetry } from './call-retry.js';
import type { UpstreamAnswer } from '@app/mcp-transport';

describe('[E2] pauseBeforeRetry', () => {
  const decide = (answer: UpstreamAnswer, more: { attempt?: number; isIdempotent?: boolean; remainingMs?: number } = {}) =>
    pauseBeforeRetry(answer, { attempt: 1, isIdempotent: false, remainingMs: 30_000, ...more }) !== undefined;

  const status = (code: number, retryAfterSeconds?: number): UpstreamAnswer => ({ kind: 'http_status', status: code, retryAfterSeconds });
  const UNREACHABLE = { kind: 'unreachable', message: '' } as const;
  const LOST = { kind: 'lost', message: '' } as const;

  it('sends again what was not sent, three times in all', () => {
    expect([1, 2, 3].map((attempt) => decide(UNREACHABLE, { attempt }))).toEqual([true, true, false]);
  });

  it.each([429, 503])('waits when HTTP %d says how long, if that fits', (code) => {
    expect(decide(status(code, 2))).toBe(true);
    expect(pauseBeforeRetry(status(code, 2), { attempt: 1, isIdempotent: false, remainingMs: 30_000 })).toBeGreaterThanOrEqual(2_000);
    expect(decide(status(code, 30))).toBe(false);
    expect(decide(status(code))).toBe(false);
    expect(decide(status(code, 2), { attempt: 3 })).toBe(false);
  });

  it.each([
    ['a lost connection', LOST],
    ['HTTP 500', status(500)],
    ['HTTP 502', status(502)],
    ['HTTP 503 that does not say how long', status(503)],
    ['HTTP 504', status(504)],
  ])('sends again after %s only where that does no harm', (_, answer) => {
    expect(decide(answer)).toBe(false);
    expect(decide(answer, { isIdempotent: true })).toBe(true);
    expect(decide(answer, { isIdempotent: true, attempt: 3 })).toBe(false);
  });

  it.each<UpstreamAnswer>([
    { kind: 'result', result: { value: { content: [], isError: true }, text: '{}' } },
    { kind: 'rpc_error', error: { code: -32_603, message: '' } },
    { kind: 'timeout', sent: true, limit: 'REQUEST_TIMEOUT', seconds: 30 },
    { kind: 'timeout', sent: false, limit: 'REQUEST_TIMEOUT', seconds: 30 },
    { kind: 'unreadable', message: '' },
    { kind: 'busy', message: '' },
    { kind: 'cancelled' },
    status(404, 1),
  ])('never sends again after $kind', (answer) => {
    expect(decide(answer, { isIdempotent: true })).toBe(false);
  });
});
