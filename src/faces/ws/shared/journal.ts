import type { RedisClient } from '../../../redis/redis-connection.js';
import type { OutboundFrame, OutboundType } from '../frames/outbound-frame.js';
import type { CallMemory } from '../session/call-memory.js';
import type { FrameLog } from '../session/kept-frames.js';

/** Of calls, so many are one entry where all are written. */
const NOTES_AT_ONCE = 500;

/** Where what replicas know of a session is kept. */
export interface JournalKeys {
  /** Who has it. */
  readonly record: string;
  /** A stream of what was said, as much of it as the session keeps. */
  readonly said: string;
  /** A stream of the calls that were taken. */
  readonly calls: string;
}

/** Who has a session. */
export interface SessionRecord {
  readonly id: string;
  /** Undefined where its replica has let it go. */
  readonly replica: string | undefined;
  readonly principal: string;
}

/** One that was taken comes with its digest, one that has ended without. */
export type CallNote = readonly [id: string, digest?: string];

/** What is told of a session. */
interface Journaled {
  readonly id: string;
  readonly principalName: string;
  readonly log: FrameLog;
  readonly memory: CallMemory;
}

/** Has commands of a session sent in the order in which it is asked. */
export interface JournalWriter {
  readonly replicaId: string;
  readonly keptMs: number;
  readonly maxCalls: number;
  /** Resolves to whether it was done. */
  send(command: (client: RedisClient) => Promise<unknown>): Promise<boolean>;
  seal(text: string, key: string): string;
}

/** What other replicas have to know of one session, should its client come back to one of them. */
export class Journal {
  constructor(
    private readonly session: Journaled,
    private readonly keys: JournalKeys,
    private readonly writer: JournalWriter,
  ) {}

  /** The session is this replica's from now on. */
  begin(): void {
    const record = this.recordOf(this.writer.replicaId);
    this.send((client) => client.set(this.keys.record, record, { PX: this.writer.keptMs }));
    for (const frame of this.session.log.after(0)) this.said(frame);
  }

  said(frame: OutboundFrame): void {
    this.add(this.keys.said, frameToEntry(frame), this.session.log.size);
  }

  took(id: string, digest: string): void {
    this.note([[id, digest]]);
  }

  ended(id: string): void {
    this.note([[id]]);
  }

  /** All of it anew, at once or not at all, in place of what is there. Resolves to whether it was done. */
  rewrite(): Promise<boolean> {
    const { record, said, calls } = this.keys;
    const { keptMs, replicaId } = this.writer;
    return this.writer.send((client) => {
      const commands = client.multi().del([said, calls]).set(record, this.recordOf(replicaId), { PX: keptMs });
      for (const frame of this.session.log.after(0)) commands.xAdd(said, '*', this.entry(frameToEntry(frame), said));
      for (const notes of this.allNotes()) commands.xAdd(calls, '*', this.entry(JSON.stringify(notes), calls));
      return commands.pExpire(said, keptMs).pExpire(calls, keptMs).exec();
    });
  }

  /** It is kept for a while more. */
  refresh(): void {
    this.send((client) => Promise.all(Object.values(this.keys).map((key: string) => client.pExpire(key, this.writer.keptMs))));
  }

  /** Another replica may have the session. Resolves when that is known, or cannot be told. */
  async release(): Promise<void> {
    const record = this.recordOf(undefined);
    await this.writer.send((client) => client.set(this.keys.record, record, { PX: this.writer.keptMs }));
  }

  end(): void {
    this.send((client) => client.del(Object.values(this.keys)));
  }

  private note(notes: readonly CallNote[]): void {
    this.add(this.keys.calls, JSON.stringify(notes), this.writer.maxCalls);
  }

  private allNotes(): CallNote[][] {
    const notes: CallNote[][] = [];
    for (const { id, digest, isEnded } of this.session.memory.known()) {
      if ((notes.at(-1)?.length ?? NOTES_AT_ONCE) >= NOTES_AT_ONCE) notes.push([]);
      notes.at(-1)?.push([id, digest], ...(isEnded ? [[id] as const] : []));
    }
    return notes;
  }

  private add(key: string, text: string, max: number): void {
    const options = { TRIM: { strategy: 'MAXLEN', threshold: Math.max(1, max) } } as const;
    const entry = this.entry(text, key);
    this.send((client) => Promise.all([client.xAdd(key, '*', entry, options), client.pExpire(key, this.writer.keptMs)]));
  }

  private entry(text: string, key: string): { e: string } {
    return { e: this.writer.seal(text, key) };
  }

  private recordOf(replica: string | undefined): string {
    const { id, principalName: principal } = this.session;
    const record: SessionRecord = { id, replica, principal };
    return this.writer.seal(JSON.stringify(record), this.keys.record);
  }

  private send(command: (client: RedisClient) => Promise<unknown>): void {
    void this.writer.send(command);
  }
}

function frameToEntry({ seq, type, correlationId, bytes, dataAt }: OutboundFrame): string {
  return `${JSON.stringify([seq, type, correlationId, dataAt])}\n${bytes.toString()}`;
}

/** A frame as it was, of what the journal holds of it. */
export function entryToFrame(text: string): OutboundFrame {
  const end = text.indexOf('\n');
  const [seq, type, correlationId, dataAt] = JSON.parse(text.slice(0, end)) as [number, OutboundType, string | null, number];
  return { seq, type, correlationId: correlationId ?? undefined, bytes: Buffer.from(text.slice(end + 1)), dataAt };
}
