import type { IncomingFrame, OutgoingFrame } from './frames.js';

/** What is kept of a session to come back to it. */
interface Known {
  readonly resumeToken: string;
  lastSeq: number;
}

/** What came of an attempt to come back. */
export type Established = { readonly isNew: true } | { readonly isNew: false; readonly lostCalls: readonly string[] };

/** The session at the gateway, which outlives its sockets. */
export class Session {
  private known: Known | undefined;
  /** The session that a new socket was given, while it is asked for the one before. */
  private given: Known | undefined;
  private resumeId: string | undefined;

  /** The frame to send first on a new socket; undefined where there is nothing to come back to. */
  opened(newId: () => string): OutgoingFrame | undefined {
    this.given = undefined;
    this.resumeId = undefined;
    if (!this.known) return undefined;
    this.resumeId = newId();
    const { resumeToken, lastSeq } = this.known;
    return { type: 'resume', correlation_id: this.resumeId, data: { resume_token: resumeToken, last_seq: lastSeq } };
  }

  /** Whether a frame is one that has not been seen. */
  isNews({ seq }: IncomingFrame): boolean {
    const { known } = this;
    if (seq === undefined || !known || this.given === known) return true;
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
      const given = { resumeToken: String(data['resume_token']), lastSeq: seq };
      if (this.resumeId === undefined) return this.begun(given);
      this.given = given;
      return undefined;
    }
    // The one before is not there any more.
    if (type === 'error' && id !== undefined && id === this.resumeId && this.given) return this.begun({ ...this.given, lastSeq: seq });
    return undefined;
  }

  private begun(given: Known): Established {
    this.known = given;
    this.resumeId = undefined;
    return { isNew: true };
  }

  private returned(seq: number, lostCalls: readonly string[]): Established {
    if (this.known) this.known.lastSeq = Math.max(this.known.lastSeq, seq);
    this.resumeId = undefined;
    return { isNew: false, lostCalls };
  }
}
