import { randomBytes, randomUUID } from 'node:crypto';
import type { Caller } from '../../../correlation/caller.js';
import type { Topic } from '../frames/inbound-data.js';
import { again, isFinal, type OutboundFrame, type OutboundType } from '../frames/outbound-frame.js';
import type { CallMemory } from './call-memory.js';
import type { Journal } from '../shared/journal.js';
import type { CallEnd } from './call-to-data.js';
import type { FrameLog } from './kept-frames.js';
import type { Listener } from './listener.js';
import { principalName } from '../../../correlation/principal.js';
import type { SessionCall } from './session-call.js';

const TOKEN_BYTES = 32;

/** What a session is called. */
export interface SessionIdentity {
  readonly id: string;
  /** Who knows it may go on with the session, if it is the same principal. */
  readonly token: string;
}

/** Of a session that begins; nobody guesses it. */
export function newIdentity(): SessionIdentity {
  return { id: randomUUID(), token: randomBytes(TOKEN_BYTES).toString('base64url') };
}

/** What a client has with the gateway, which outlives the socket: its calls, and what was said. */
export class SocketSession {
  readonly id: string;
  readonly token: string;
  /** Where other replicas know of it, as long as it is here. */
  journal: Journal | undefined;
  topics: ReadonlySet<Topic> = NO_TOPICS;
  /** Nobody can come back to it. */
  isOver = false;
  /** Something was asked for in it. */
  isUsed = false;
  private listener: Listener | undefined;

  constructor(
    { id, token }: SessionIdentity,
    /** As of the last socket. */
    public caller: Caller,
    readonly log: FrameLog,
    readonly memory: CallMemory,
  ) {
    this.id = id;
    this.token = token;
  }

  /** Whose it is. */
  get principalName(): string {
    return principalName(this.caller.principal);
  }

  get current(): Listener | undefined {
    return this.listener;
  }

  /** Serves this socket from now on. */
  attach(listener: Listener, caller: Caller): void {
    this.listener = listener;
    this.caller = caller;
  }

  detach(): void {
    this.listener = undefined;
  }

  /** Says something; false where nobody hears it now. `data` is JSON text. */
  send(type: OutboundType, correlationId: string | undefined, data: CallEnd['data']): boolean {
    if (this.isOver) return false;
    const frame = this.log.add(type, correlationId, data);
    this.note(frame);
    return this.listener?.write(frame) ?? false;
  }

  /** Says how a call ended; false where nobody hears it now. */
  end(call: SessionCall, { type, data }: CallEnd): boolean {
    const isHeard = this.send(type, call.id, data);
    call.end();
    this.memory.noteEnd(call);
    this.journal?.ended(call.id);
    return isHeard;
  }

  /** Says again what was said of a call; false if its end is not kept. */
  repeat(id: string): boolean {
    const frames = this.log.ofCall(id);
    const lastStart = frames.findLastIndex(({ type }) => type === 'tool_started');
    const last = frames.findLast(isFinal);
    for (const frame of frames.slice(Math.max(0, lastStart))) if (!isFinal(frame) || frame === last) this.sendAgain(frame);
    return last !== undefined;
  }

  /** Ends everything that it has: calls are given up. */
  close(): void {
    this.isOver = true;
    this.listener = undefined;
    this.journal = undefined;
    for (const call of this.memory.unended) call.cancel();
    this.log.clear();
    this.memory.clear();
  }

  private sendAgain(frame: OutboundFrame): void {
    const next = this.log.keep(again(frame, this.log.lastSeq + 1));
    this.note(next);
    this.listener?.write(next);
  }

  private note(frame: OutboundFrame): void {
    if (this.log.keeps(frame)) this.journal?.said(frame);
  }
}

const NO_TOPICS: ReadonlySet<Topic> = new Set();
