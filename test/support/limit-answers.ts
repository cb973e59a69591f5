import { errorAnswer, type Exchange } from './exchange.ts';

/** How long a refused caller is told to wait, in seconds. */
export function waitOf(answer: Exchange): number {
  const { retry_after } = (JSON.parse(answer.text) as { error: { retry_after: number } }).error;
  expect(retry_after).toBeGreaterThanOrEqual(1);
  expect(retry_after).toBeLessThanOrEqual(60);
  return retry_after;
}

/** The answer to a call beyond a limit, but for the headers of the limit. */
export function refusal(met: { readonly scope: string; readonly limit: number }, message: string, seconds: number) {
  const details = { ...met, window_seconds: 60 };
  return errorAnswer(429, { type: 'rate_limit_error', message, details, retry_after: seconds }, { 'retry-after': `${seconds}` });
}

/** What the headers of an answer must be, but for what is left and until when, which they must tell alike. */
export function headersOf(scope: string, limit: number, { limits }: Exchange) {
  const { 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': reset } = limits as Record<string, string>;
  expect(Number(reset)).toBeGreaterThanOrEqual(1);
  expect(Number(reset)).toBeLessThanOrEqual(60);
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': remaining,
    'x-ratelimit-reset': reset,
    ratelimit: `"${scope}";r=${remaining};t=${reset}`,
    'ratelimit-policy': `"${scope}";q=${limit};w=60`,
  };
}
