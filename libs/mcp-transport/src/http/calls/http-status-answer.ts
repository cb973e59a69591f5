import type { IncomingHttpHeaders } from 'node:http';
import type { UpstreamAnswer } from '../../call/upstream-answer.js';
import { retryAfterSeconds } from '../headers/retry-after.js';

/** Headers that tell of a limit: the usual ones, and those of each draft of draft-ietf-httpapi-ratelimit-headers. */
const OF_LIMITS = /^(?:x-)?ratelimit(?:-[\w-]{1,50})?$/;
/** What a header may hold, at a length that a caller can be bothered with. */
const VALUE = /^[\x20-\x7e]{1,500}$/;
const MAX_HEADERS = 20;

/** An HTTP status in place of the answer to a call, with what the server says of its limits if it is one of these that was met. */
export function httpStatusAnswer(status: number, headers: IncomingHttpHeaders): UpstreamAnswer & { kind: 'http_status' } {
  const answer = { kind: 'http_status', status, retryAfterSeconds: retryAfterSeconds(headers['retry-after']) } as const;
  return status === 429 ? { ...answer, limitHeaders: limitHeadersOf(headers) } : answer;
}

function limitHeadersOf(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const isTold = (entry: [string, unknown]): entry is [string, string] =>
    OF_LIMITS.test(entry[0]) && typeof entry[1] === 'string' && VALUE.test(entry[1]);
  return Object.fromEntries(Object.entries(headers).filter(isTold).slice(0, MAX_HEADERS));
}
