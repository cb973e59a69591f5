/**
 * What a command that brought no answer, or an error, says of Redis: `down`, it serves nobody now; `no_writes`, it reads and does not
 * write; `refused`, it is well and did not like this command.
 */
type RedisFailure = 'down' | 'no_writes' | 'refused';

/** The time that a command had is over. */
export class RedisTimeout extends Error {}

/** Codes of error replies (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors) that say more than that of one command. */
const CODES: Readonly<Record<string, RedisFailure>> = {
  LOADING: 'down',
  BUSY: 'down',
  MASTERDOWN: 'down',
  CLUSTERDOWN: 'down',
  NOAUTH: 'down',
  WRONGPASS: 'down',
  NOPERM: 'down',
  READONLY: 'no_writes',
  OOM: 'no_writes',
  MISCONF: 'no_writes',
  NOREPLICAS: 'no_writes',
};

/** Why Redis did not do it; one whose connection is gone, or that cannot be told, is down. */
export function failureOf(error: unknown): RedisFailure {
  if (!(error instanceof Error)) return 'down';
  const code = codeOf(error);
  if (code === undefined) return 'down';
  // Too many clients, for one, has no code of its own.
  if (code === 'ERR' && /max number of clients/i.test(error.message)) return 'down';
  return CODES[code] ?? 'refused';
}

/** Why, for the operator: the code of an error reply or of the system, in words where they are ours. Nothing of it is secret. */
export function reasonOf(error: unknown): string {
  if (error instanceof RedisTimeout) return 'no answer in time';
  const code = codeOf(error) ?? (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string')
    return error instanceof Error && error.message !== '' ? error.message.slice(0, MAX_REASON) : 'no connection';
  return code === 'ERR' ? (error as Error).message.slice(0, MAX_REASON) : code;
}

/** The first word of an error reply; undefined for what is none: a failure of the system has a code of its own, one of the client a sentence. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || (error as { code?: unknown }).code !== undefined) return undefined;
  return /^[A-Z]+(?= |$)/.exec(error.message)?.[0];
}

const MAX_REASON = 200;
