import { types } from 'node:util';

/** Faults of the connection, as Node and undici name them. */
const CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);
const MAX_CAUSES = 8;

/** Unlike `instanceof` it knows Node's own errors also where `Error` is another one, as in the sandbox of a test. */
const { isNativeError } = types;

/** Whether the connection failed, rather than the server answering something of no use; looks at the causes too. */
export function isNetworkError(error: unknown): boolean {
  let current: unknown = error;
  for (let depth = 0; depth < MAX_CAUSES && isNativeError(current); depth++) {
    const { code } = current as { code?: unknown };
    if (typeof code === 'string' && (CODES.has(code) || code.startsWith('UND_ERR_'))) return true;
    current = current.cause;
  }
  return false;
}

/** Faults after which it is known that nobody is there, unlike after one of a connection that was there before. */
const NOBODY = new Set<unknown>(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** Whether no connection could be made; looks at the causes too. */
export function isUnreachable(error: unknown): boolean {
  let current: unknown = error;
  for (let depth = 0; depth < MAX_CAUSES && isNativeError(current); depth++) {
    if (NOBODY.has((current as { code?: unknown }).code)) return true;
    current = current.cause;
  }
  return false;
}

/** The server does not know the session any more. */
export class SessionForgotten extends Error {}

/** Whether only a new connection helps: the network failed, or the server has forgotten the session (HTTP 404; 400 at some, words at others). */
export function isConnectionGone(error: unknown): boolean {
  if (isNetworkError(error) || error instanceof SessionForgotten) return true;
  const status = isNativeError(error) ? (error as { status?: unknown }).status : undefined;
  return status === 404 || status === 400;
}

/** What went wrong in one line: the innermost cause says most. */
export function causeOf(error: unknown): string {
  let current: unknown = error;
  for (let depth = 0; depth < MAX_CAUSES && isNativeError(current) && isNativeError(current.cause); depth++) current = current.cause;
  // One error for each address that was tried.
  const { errors } = (current ?? {}) as { errors?: unknown };
  if (Array.isArray(errors) && isNativeError(errors[0])) current = errors[0];
  return isNativeError(current) ? current.message : String(current);
}
