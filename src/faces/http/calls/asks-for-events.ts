import { preferredType } from '@app/mcp-openapi';

export const EVENT_STREAM = 'text/event-stream';
/** What an answer may be; events last, for who likes them no better. */
const AVAILABLE = [
  'application/json',
  'application/vnd.mcp+json',
  'application/problem+json',
  'text/plain',
  'text/html',
  'image/png',
  EVENT_STREAM,
  `${EVENT_STREAM};charset=utf-8`,
];

/** Does `accept` like a stream of events better than a body? Next to no cost for who does not name it. */
export function asksForEvents(accept: string | undefined): boolean {
  if (accept === undefined || accept === '*/*' || !/event-stream/i.test(accept)) return false;
  return preferredType(accept, AVAILABLE).startsWith(EVENT_STREAM);
}
