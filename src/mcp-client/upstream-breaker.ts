import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
  isBrokenCircuitError,
} from 'cockatiel';
import type { UpstreamAnswer } from '@app/mcp-transport';

/** Calls that fail one after the other before calls are paused. Calls that were on their way together fail as one. */
export const FAILURES_TO_OPEN = 5;
/** How long they are paused; then one call tries. */
const OPEN_MS = 5_000;

/**
 * Keeps callers from waiting for a server that answers nobody. Only failures of the transport count: an error that the server
 * gives is an answer.
 *
 * The policy's `execute` runs only while there is something to break or to try: around each call it would cost half a microsecond
 * and three promises more, where counting a success is one assignment.
 */
export class UpstreamBreaker {
  private readonly failures = new ConsecutiveBreaker(FAILURES_TO_OPEN);
  private policy = this.newPolicy();
  private openUntil = 0;
  private generation = 0;
  private isForConnections = false;

  constructor(private readonly onOpen: () => void) {}

  get isClosed(): boolean {
    return this.policy.state === CircuitState.Closed;
  }

  /** To be taken before a call and given back with its answer. */
  get ticket(): number {
    return this.generation;
  }

  /** Counts the answer of a call that was sent while it was closed. */
  note(answer: UpstreamAnswer, ticket: number): void {
    if (isTransportFailure(answer)) this.noteFailure(answer, ticket);
    else if (isAnswer(answer)) this.failures.success();
  }

  /** While it is not closed: refuses the call, or has it try for all. */
  async tryOrRefuse(send: () => Promise<UpstreamAnswer>): Promise<UpstreamAnswer> {
    if (this.policy.state === CircuitState.HalfOpen) return this.refusal();
    try {
      return await this.policy.execute(send);
    } catch (error) {
      if (isBrokenCircuitError(error)) return this.refusal();
      throw error;
    }
  }

  /** A connection was made: if it was opened because there was none, that is over. Other failures are for a call to disprove. */
  connected(): void {
    if (!this.isForConnections) return;
    this.failures.success();
    if (!this.isClosed) this.policy = this.newPolicy();
  }

  private noteFailure(answer: UpstreamAnswer, ticket: number): void {
    if (ticket !== this.generation || !this.isClosed) return;
    this.generation += 1;
    this.isForConnections = answer.kind === 'unreachable';
    // Told by way of the policy, which decides what follows.
    void this.policy.execute(() => answer);
  }

  private refusal(): UpstreamAnswer {
    return { kind: 'paused', retryAfterSeconds: Math.max(1, Math.ceil((this.openUntil - Date.now()) / 1000)) };
  }

  private newPolicy(): CircuitBreakerPolicy {
    const policy = circuitBreaker(
      handleWhenResult((answer) => isProbeFailure(answer as UpstreamAnswer)),
      { halfOpenAfter: OPEN_MS, breaker: this.failures },
    );
    policy.onBreak(() => {
      this.openUntil = Date.now() + OPEN_MS;
      this.onOpen();
    });
    return policy;
  }
}

/** No connection, no answer, or a server in trouble. A call that showed signs of life up to its limit says nothing of the transport. */
function isTransportFailure(answer: UpstreamAnswer): boolean {
  if (answer.kind === 'timeout') return answer.limit === 'REQUEST_TIMEOUT';
  return answer.kind === 'unreachable' || answer.kind === 'lost' || (answer.kind === 'http_status' && answer.status >= 500);
}

function isAnswer(answer: UpstreamAnswer): boolean {
  return answer.kind === 'result' || answer.kind === 'rpc_error' || answer.kind === 'http_status';
}

/** A caller who left has tried nothing. */
function isProbeFailure(answer: UpstreamAnswer): boolean {
  return isTransportFailure(answer) || answer.kind === 'cancelled';
}
