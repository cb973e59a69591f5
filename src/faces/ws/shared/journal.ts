import type { RedisClient } from '../../../redis/redis-connection.js';
import type { OutboundFrame, OutboundType } from '../frames/outbound-frame.js';

/** Where what replicas know of a session is kept. */
export interface JournalKeys {
  /** Who has it. */
  readonly record: string;
  /** A stream of what was said, as much of it as the session keeps. */
  readonly said: string;
  /** A stream of the calls that were taken. */
  readonly calls: string;
}

/** Has commands sent in the order in which it is asked, and nobody wait for them. */
export interface JournalWriter {
  readonly keptMs: number;
  readonly maxCalls: number;
  send(command: (client: RedisClient) => Promise<unknown>): void;
  seal(text: string, key: string): string;
}

/** What other replicas have to know of one session, should its client come back to one of them. */
export class Journal {
  constructor(
    readonly keys: JournalKeys,
    private readonly writer: JournalWriter,
  ) {}

  /** `kept`: how many frames the session keeps now. */
  said(frame: OutboundFrame, kept: number): void {
    const { said } = this.keys;
    const sealed = this.writer.seal(frameToEntry(frame), said);
    this.add(said, sealed, kept);
  }

  took(id: string, digest: string): void {
    const { calls } = this.keys;
    this.add(calls, this.writer.seal(JSON.stringify([id, digest]), calls), this.writer.maxCalls);
  }

  ended(id: string): void {
    const { calls } = this.keys;
    this.add(calls, this.writer.seal(JSON.stringify([id]), calls), this.writer.maxCalls);
  }

  /** It is kept for a while more. */
  refresh(): void {
    const { record, said, calls } = this.keys;
    this.writer.send((client) => Promise.all([record, said, calls].map((key) => client.pExpire(key, this.writer.keptMs))));
  }

  end(): void {
    const { record, said, calls } = this.keys;
    this.writer.send((client) => client.del([record, said, calls]));
  }

  private add(key: string, sealed: string, max: number): void {
    const options = { TRIM: { strategy: 'MAXLEN', threshold: Math.max(1, max) } } as const;
    this.writer.send((client) => Promise.all([client.xAdd(key, '*', { e: sealed }, options), client.pExpire(key, this.writer.keptMs)]));
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
