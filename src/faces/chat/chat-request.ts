import type { Principal } from '../../correlation/principal.js';
import type { CorrelatedRequest } from '../../http/correlation.middleware.js';
import type { ChatPlace } from '../../throttler/chat-places.js';

/** A request to the chat; its guard has found out who makes it. */
export interface ChatRequest extends CorrelatedRequest {
  /** Asked already, where every request is asked. */
  readonly principal?: Principal;
  /** Of a completion. */
  place?: ChatPlace;
}
