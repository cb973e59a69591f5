import type { FailedOutcome } from '../errors/failed-outcome.js';
import type { LimitScope, Verdict } from './call-limits.service.js';
import { WINDOW_S } from './sliding-window.js';

/** Headers that tell of a limit, under their names in `errors/limit-headers.ts`. */
type LimitHeaders = Readonly<Record<string, string>>;

/** What a caller is told of the limit that decided, in the usual way and as draft-ietf-httpapi-ratelimit-headers-11 has it. */
export function limitHeaders({ scope, limit, remaining, resetSeconds }: Verdict): LimitHeaders {
  return {
    'X-RateLimit-Limit': `${limit}`,
    'X-RateLimit-Remaining': `${remaining}`,
    'X-RateLimit-Reset': `${resetSeconds}`,
    RateLimit: `"${scope}";r=${remaining};t=${resetSeconds}`,
    'RateLimit-Policy': `"${scope}";q=${limit};w=${WINDOW_S}`,
  };
}

/** How a call beyond a limit ends, for every face. */
export function rateLimited(verdict: Verdict, tool?: string): FailedOutcome {
  const { scope, limit, limitOfAll, resetSeconds } = verdict;
  const share = limit < limitOfAll ? `, ${limit} of them through this replica while limits are not shared` : '';
  return {
    kind: 'rejected',
    type: 'rate_limit_error',
    message: `${WHAT_IS_EXCEEDED[scope](limitOfAll, share, tool)}: try again in ${resetSeconds} s.`,
    details: { scope, limit, window_seconds: WINDOW_S },
    retryAfterSeconds: resetSeconds,
    headers: limitHeaders(verdict),
  };
}

const WHAT_IS_EXCEEDED: Readonly<Record<LimitScope, (limit: number, share: string, tool: string | undefined) => string>> = {
  client: (limit, share) => `You may make ${limit} calls in ${WINDOW_S} s${share}, and have made them`,
  role: (limit, share) => `Your role may make ${limit} calls in ${WINDOW_S} s${share}, and you have made them`,
  system: (limit, share) => `The gateway takes ${limit} calls in ${WINDOW_S} s from all clients together${share}, and has taken them`,
  tool: (limit, share, tool) => `You may call "${tool}" ${limit} times in ${WINDOW_S} s${share}, and have done so`,
};
