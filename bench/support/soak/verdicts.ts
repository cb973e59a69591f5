import type { Call } from './calls.ts';
import type { Span } from './faults.ts';
import { CALL_LIMITS } from './upstreams.ts';

/** How much longer than its deadline a call may take on a machine that is busy with the bench itself; what its host takes from it comes on top. */
export const ALLOWANCE_MS = 1_000;
/** What an answer that is on its way when a server ends may still need to be read. */
const LAST_BYTES_MS = 500;

/** Errors that a server in trouble may lead to. */
const STATUSES: Readonly<Record<string, number>> = {
  upstream_error: 502,
  outcome_unknown: 502,
  upstream_unavailable: 503,
  upstream_timeout: 504,
};
const DID_NOT_RUN = 'upstream_unavailable';

interface ErrorBody {
  readonly error?: {
    readonly type?: string;
    readonly message?: string;
    readonly details?: { readonly outcome?: string };
    readonly correlation_id?: string;
    readonly retry_after?: number;
  };
}

/** What is wrong with a call, `ran` times executed; `dead` are the spans during which its server could not run it. */
export function problemOf(call: Call, ran: number, dead: readonly Span[]): string | undefined {
  const { status, startedAt, endedAt, stolenMs } = call;
  if (endedAt - startedAt - stolenMs > CALL_LIMITS.timeoutMs + ALLOWANCE_MS) return 'outlived its deadline';
  if (ran > 1) return 'ran more than once';
  if (status === 200) return ran === 1 ? undefined : 'was answered and did not run';
  return errorProblem(call) ?? claimProblem(call, ran, dead);
}

/** What is wrong with the body of an error. */
function errorProblem({ status, text, marker }: Call): string | undefined {
  if (status === 0) return 'was not answered';
  const { error } = parsed(text);
  if (STATUSES[error?.type ?? ''] !== status) return `was answered ${status} with the type ${error?.type}`;
  if (!error?.message || error.correlation_id !== marker) return 'has no message or correlation id in its error';
  return status === 503 && !(error.retry_after && error.retry_after > 0) ? 'has no retry_after in its 503' : undefined;
}

/** Whether the error says the truth about what the tool did. */
function claimProblem({ text, startedAt, endedAt }: Call, ran: number, dead: readonly Span[]): string | undefined {
  const { error } = parsed(text);
  if (error?.type === DID_NOT_RUN) return ran > 0 ? 'ran, and is said not to have run' : undefined;
  const couldNotRun = dead.some(({ from, to }) => startedAt > from + LAST_BYTES_MS && endedAt < to);
  return couldNotRun && error?.details?.outcome === 'unknown' ? 'is said to be unknown while its server was dead' : undefined;
}

function parsed(text: string): ErrorBody {
  try {
    return JSON.parse(text) as ErrorBody;
  } catch {
    return {};
  }
}
