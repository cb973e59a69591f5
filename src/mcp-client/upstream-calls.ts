import { setTimeout as sleep } from 'node:timers/promises';
import type { UpstreamSettings } from '../config/upstream-settings.js';
import { CallDeadline, callEnd, pauseCall, type UpstreamAnswer, type UpstreamCall, type UpstreamConnection } from '@app/mcp-transport';
import { hasNotRun, mayHaveRun, pauseBeforeRetry } from './call-retry.js';
import { CallerBreakers } from './caller-breakers.js';
import { UpstreamBreaker } from './upstream-breaker.js';

/** The connection that calls go on; it comes and goes. */
interface CallConnection {
  /** Undefined while there is none. */
  readonly current: () => UpstreamConnection | undefined;
  /** The one that is being made, if that takes no longer than a call waits. */
  readonly next: (call: UpstreamCall, deadline: CallDeadline) => Promise<UpstreamConnection | undefined>;
  /** A call has found the connection gone. */
  readonly lose: (reason: string) => void;
  /** No call is tried again after it. */
  readonly stopping: AbortSignal;
}

/** Sends calls to one server: again where that is allowed, and not while too many of them fail. */
export class UpstreamCalls {
  private readonly breaker: UpstreamBreaker;
  private readonly callerBreakers: CallerBreakers;

  /** `onPaused`: calls fail again and again, and none is sent for a while. */
  constructor(
    private readonly settings: UpstreamSettings,
    private readonly on: CallConnection,
    onPaused: () => void,
  ) {
    this.breaker = new UpstreamBreaker(onPaused);
    this.callerBreakers = new CallerBreakers(onPaused);
  }

  /** A connection was made: calls that were paused for want of one are sent again. */
  connected(): void {
    this.breaker.connected();
    this.callerBreakers.connected();
  }

  /** Sends a call, unless calls with these credentials, or those without, are paused because too many of them have failed. */
  call(call: UpstreamCall): Promise<UpstreamAnswer> {
    const breaker = call.credentials ? this.callerBreakers.of(call.credentials.digest) : this.breaker;
    return breaker.isClosed ? this.send(call, breaker) : breaker.tryOrRefuse(() => this.send(call, breaker));
  }

  /** Sends a call; again where {@link pauseBeforeRetry} allows it, within the time that the settings give to all tries together. */
  private async send(call: UpstreamCall, breaker: UpstreamBreaker): Promise<UpstreamAnswer> {
    const { on } = this;
    const { ticket } = breaker;
    const deadline = new CallDeadline(this.settings);
    let uncertain: UpstreamAnswer | undefined;
    for (let attempt = 1; ; attempt++) {
      const connection = on.current() ?? (await on.next(call, deadline));
      const answer = callEnd(call, deadline) ?? (connection ? await connection.call(call, deadline) : NOT_CONNECTED);
      const pauseMs = answer.kind === 'result' || !connection ? undefined : pauseBeforeRetry(answer, retryOf(call, attempt, deadline));
      if (pauseMs === undefined) {
        deadline.clear();
        breaker.note(answer, ticket);
        if (answer.kind === 'unreachable' && !answer.isOnlyCallers) on.lose(answer.message);
        return uncertain && hasNotRun(answer) ? uncertain : answer;
      }
      if (mayHaveRun(answer)) uncertain = answer;
      await pauseCall(call, deadline, (over) => sleep(pauseMs, undefined, { signal: AbortSignal.any([over, on.stopping]) }));
    }
  }
}

const NOT_CONNECTED: UpstreamAnswer = { kind: 'unreachable', message: 'There is no connection to the MCP server.' };

function retryOf(call: UpstreamCall, attempt: number, deadline: CallDeadline) {
  return { attempt, isIdempotent: call.isIdempotent, remainingMs: deadline.remainingMs };
}
