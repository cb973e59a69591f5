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

  /** `onPaused`: calls fail again and again, and none is sent for a while; `onRefused`: one was answered 401. */
  constructor(
    private readonly settings: UpstreamSettings,
    private readonly on: CallConnection,
    onPaused: () => void,
    private readonly onRefused: () => void,
  ) {
    this.breaker = new UpstreamBreaker(onPaused);
    this.callerBreakers = new CallerBreakers(onPaused);
  }

  /** A connection was made: calls that were paused for want of one are sent again. */
  connected(): void {
    this.breaker.connected();
    this.callerBreakers.connected();
  }

  /** How many breakers are not closed. */
  get pausedFor(): number {
    return Number(!this.breaker.isClosed) + this.callerBreakers.open;
  }

  /** Sends a call, unless calls with these credentials, or those without, are paused because too many of them have failed. */
  call(call: UpstreamCall): Promise<UpstreamAnswer> {
    const breaker = call.credentials ? this.callerBreakers.of(call.credentials.digest) : this.breaker;
    return breaker.isClosed ? this.send(call, breaker) : breaker.tryOrRefuse(() => this.send(call, breaker));
  }

  /** Sends a call; again where {@link pauseBeforeRetry} allows it, within the time that the settings give to all tries together. */
  private send(call: UpstreamCall, breaker: UpstreamBreaker): Promise<UpstreamAnswer> {
    const sending: Sending = { call, breaker, ticket: breaker.ticket, deadline: new CallDeadline(this.settings), tries: 0 };
    return this.tryOnce(sending).then((answer) => (answer.kind === 'result' ? this.end(sending, answer) : this.goOn(sending, answer)));
  }

  private tryOnce(sending: Sending): Promise<UpstreamAnswer> {
    const connection = this.on.current();
    if (connection) return tryOn(connection, sending);
    return this.on.next(sending.call, sending.deadline).then((next) => tryOn(next, sending));
  }

  /** After a try without a result. */
  private async goOn(sending: Sending, first: UpstreamAnswer): Promise<UpstreamAnswer> {
    const { call, deadline } = sending;
    let uncertain: UpstreamAnswer | undefined;
    for (let answer = first; ; answer = await this.tryOnce(sending)) {
      const pauseMs = answer === NOT_CONNECTED ? undefined : pauseBeforeRetry(answer, retryOf(sending));
      if (pauseMs === undefined) {
        this.end(sending, answer);
        return uncertain && hasNotRun(answer) ? uncertain : answer;
      }
      if (mayHaveRun(answer)) uncertain = answer;
      await pauseCall(call, deadline, (over) => sleep(pauseMs, undefined, { signal: AbortSignal.any([over, this.on.stopping]) }));
    }
  }

  private end({ breaker, ticket, deadline }: Sending, answer: UpstreamAnswer): UpstreamAnswer {
    deadline.clear();
    breaker.note(answer, ticket);
    if (answer.kind === 'http_status' && answer.status === 401) this.onRefused();
    if (answer.kind === 'unreachable' && !answer.isOnlyCallers) this.on.lose(answer.message);
    return answer;
  }
}

/** One call, from its first try to its last. */
interface Sending {
  readonly call: UpstreamCall;
  readonly breaker: UpstreamBreaker;
  readonly ticket: number;
  readonly deadline: CallDeadline;
  tries: number;
}

const NOT_CONNECTED: UpstreamAnswer = { kind: 'unreachable', message: 'There is no connection to the MCP server.' };

function tryOn(connection: UpstreamConnection | undefined, sending: Sending): Promise<UpstreamAnswer> {
  const { call, deadline } = sending;
  const end = callEnd(call, deadline);
  if (end || !connection) return Promise.resolve(end ?? NOT_CONNECTED);
  if (sending.tries > 0) call.retries = sending.tries;
  sending.tries += 1;
  return connection.call(call, deadline);
}

function retryOf({ call, tries, deadline }: Sending) {
  return { attempt: tries, isIdempotent: call.isIdempotent, remainingMs: deadline.remainingMs };
}
