import { ProtocolError, SdkHttpError } from '@modelcontextprotocol/client';
import type { UpstreamAnswer } from '../../call/upstream-answer.js';
import type { StreamableHttpTransport } from '../streamable-http.transport.js';
import { saysForgotten } from './forgotten-session.js';

/** Some servers say 400, or an error in words, to a session that they do not know. It may be about the call as well: a list tells which. */
export function isRefused(answer: UpstreamAnswer, session: StreamableHttpTransport): boolean {
  if (session.sessionId === undefined) return false;
  if (answer.kind === 'http_status') return answer.session === 'doubted' || (answer.status === 400 && answer.session === undefined);
  return answer.kind === 'rpc_error' && saysForgotten(answer.error.message);
}

/** Servers that judge credentials by session say so to one that they do not know. */
export function isUnauthorized(answer: UpstreamAnswer): boolean {
  return answer.kind === 'http_status' && answer.status === 401;
}

export type HttpStatusAnswer = Extract<UpstreamAnswer, { kind: 'http_status' }>;

/** The server does not know the session any more, so that the call surely did not run. */
export function isForgotten(answer: UpstreamAnswer): answer is HttpStatusAnswer {
  return answer.kind === 'http_status' && answer.session === 'forgotten';
}

/** Whether a request of the SDK's was refused for its session. */
export function isOfSession(error: unknown): boolean {
  if (error instanceof SdkHttpError) return error.status === 404 || saysForgotten(String(error.data.text ?? ''));
  return error instanceof ProtocolError && saysForgotten(error.message);
}
