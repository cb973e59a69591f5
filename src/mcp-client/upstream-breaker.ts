import type { UpstreamAnswer } from '@app/mcp-transport';

/** Calls that fail one after the other before calls are paused. Calls that were on their way together fail as one. */
export const FAILURES_TO_OPEN = 5;
/** How long they are paused; then one call tries. */
export const OPEN_MS = 5_000;

/**
 * Keeps callers from waiting for a server that answers nobody. Only failures of the transport count: an error that the server
 * gives is an answer. Its clock is one that nobody sets.
 */
export class UpstreamBreaker {
  private failures = 0;
  /** Undefined while it is closed. */
  private openUntil: number | undefined;
  /** The call that tries, while one does. */
  private trial: object | undefined;
  private generation = 0;
  private isForConnections = false;

  constructor(private readonly onOpen: () => void) {}

  get isClosed(): boolean {
    return this.openUntil === undefined;
  }

  /** To be taken before a call and given back with its answer. */
  get ticket(): number {
    return this.generation;
  }

  /** Counts the answer of a call that was sent while it was closed. */
  note(answer: UpstreamAnswer, ticket: number): void {
    if (isTransportFailure(answer)) this.noteFailure(answer, ticket);
    else if (isAnswer(answer)) this.failures = 0;
  }

  /** While it is not closed: refuses the call, or has it try for all. */
  tryOrRefuse(send: () => Promise<UpstreamAnswer>): Promise<UpstreamAnswer> {
    const openForMs = (this.openUntil ?? 0) - performance.now();
    if (!this.trial && openForMs <= 0) return this.tryForAll(send);
    return Promise.resolve({ kind: 'paused', retryAfterSeconds: Math.max(1, Math.ceil(openForMs / 1000)) });
  }

  /** A connection was made: if it was opened because there was none, that is over. Other failures are for a call to disprove. */
  connected(): void {
    if (this.isForConnections) this.close();
  }

  private noteFailure(answer: UpstreamAnswer, ticket: number): void {
    if (ticket !== this.generation || !this.isClosed) return;
    this.generation += 1;
    this.failures += 1;
    this.isForConnections = answer.kind === 'unreachable';
    if (this.failures >= FAILURES_TO_OPEN) this.open();
  }

  private async tryForAll(send: () => Promise<UpstreamAnswer>): Promise<UpstreamAnswer> {
    const trial = (this.trial = {});
    let hasFailed = true;
    try {
      const answer = await send();
      hasFailed = isTrialFailure(answer);
      return answer;
    } finally {
      // Unless it was closed meanwhile.
      if (this.trial === trial) this.endTrial(hasFailed);
    }
  }

  private endTrial(hasFailed: boolean): void {
    if (hasFailed) this.open();
    else this.close();
  }

  private open(): void {
    this.trial = undefined;
    this.openUntil = performance.now() + OPEN_MS;
    this.onOpen();
  }

  private close(): void {
    this.trial = undefined;
    this.failures = 0;
    this.openUntil = undefined;
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
function isTrialFailure(answer: UpstreamAnswer): boolean {
  return isTransportFailure(answer) || answer.kind === 'cancelled';
}
