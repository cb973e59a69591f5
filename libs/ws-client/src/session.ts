import type { IncomingFrame, OutgoingFrame } from './frames.js';

/** What is kept of a session to come back to it. */
interface Known {
  readonly resumeToken: string;
  /** How long it outlives its socket. */
  readonly resumeMs: number;
  lastSeq: number;
}

/** What came of an attempt to come back: a new session, the one before, or that it cannot be told yet and is to be asked again. */
export type Established =
  | { readonly as: 'new' }
  | { readonly as: 'resumed'; readonly lostCalls: readonly string[] }
  | { readonly as: 'undecided'; readonly retryMs: number };

/** Unless the gateway says otherwise. */
const RESUME_SECONDS = 300;
const RETRY_SECONDS = 1;
const UNAVAILABLE = 503;

/** The session at the gateway, which outlives its sockets. */
export class Session {
  private known: Known | undefined;
  /** The session that a new socket was given, while it is asked for the one before. */
  private given: Known | undefined;
  private resumeId: string | undefined;
  /** Since when its client is away from it. */
  private leftAt: number | undefined;

  /** The frame to send first on a new socket; undefined where there is nothing to come back to. */
  opened(newId: () => string): OutgoingFrame | undefined {
    this.given = undefined;
    this.resumeId = undefined;
    return this.resume(newId);
  }

  /** The frame that asks for the session. */
  resume(newId: () => string): OutgoingFrame | undefined {
    if (!this.known) return undefined;
    this.leftAt ??= Date.now();
    this.resumeId = newId();
    const { resumeToken, lastSeq } = this.known;
    return { type: 'resume', correlation_id: this.resumeId, data: { resume_token: resumeToken, last_seq: lastSeq } };
  }

  /** Whether a frame is one that has not been seen. */
  isNews({ seq }: IncomingFrame): boolean {
    const { known } = this;
    if (seq === undefined || !known) return true;
    // It is the given session that says it, until the known one is asked for again.
    if (this.given && this.resumeId === undefined) return false;
    if (seq <= known.lastSeq) return false;
    known.lastSeq = seq;
    return true;
  }

  /** What a frame says of the session; undefined for any other. */
  hear(frame: IncomingFrame): Established | undefined {
    const { type, correlation_id: id, data, seq = 0 } = frame;
    if (type === 'connection_established') {
      const resumed = data['resumed'] as { readonly lost_calls?: readonly string[] } | undefined;
      if (resumed) return this.returned(seq, resumed.lost_calls ?? []);
      const { resume_seconds: seconds = RESUME_SECONDS } = (data['limits'] ?? {}) as { readonly resume_seconds?: number };
      const given = { resumeToken: String(data['resume_token']), resumeMs: seconds * 1000, lastSeq: seq };
      if (this.resumeId === undefined) return this.begun(given);
      this.given = given;
      return undefined;
    }
    if (type === 'error' && id !== undefined && id === this.resumeId && this.given)
      return this.refused(data, { ...this.given, lastSeq: seq });
    return undefined;
  }

  /** The one before is not there any more, or cannot be had just now. */
  private refused({ status, error }: IncomingFrame['data'], given: Known): Established {
    const { known, leftAt = 0 } = this;
    if (status !== UNAVAILABLE || !known || Date.now() - leftAt > known.resumeMs) return this.begun(given);
    this.given = given;
    this.resumeId = undefined;
    const { retry_after: seconds = RETRY_SECONDS } = error as { readonly retry_after?: number };
    return { as: 'undecided', retryMs: seconds * 1000 };
  }

  private begun(given: Known): Established {
    this.known = given;
    this.settled();
    return { as: 'new' };
  }

  private returned(seq: number, lostCalls: readonly string[]): Established {
    if (this.known) this.known.lastSeq = Math.max(this.known.lastSeq, seq);
    this.settled();
    return { as: 'resumed', lostCalls };
  }

  private settled(): void {
    this.given = this.resumeId = this.leftAt = undefined;
  }
}
