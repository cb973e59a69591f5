import type { KeptEvents } from './kept-events.js';

/** Who reads a stream now. */
export interface Reader {
  write(id: string, data: string): void;
  end(): void;
}

interface Event {
  readonly seq: number;
  readonly data: string;
}

/**
 * What is said on one stream of a session, numbered, and kept for a client who comes back for it (MCP 2025-11-25 basic/transports
 * "Resumability and Redelivery"), as far as there is room.
 */
export class EventStream {
  private readonly events: Event[] = [];
  private reader: Reader | undefined;
  private lastSeq = 0;
  /** All is said. */
  isOver = false;

  constructor(
    readonly name: string,
    private readonly kept: KeptEvents,
  ) {}

  get hasReader(): boolean {
    return this.reader !== undefined;
  }

  get hasEvents(): boolean {
    return this.events.length > 0;
  }

  say(data: string): void {
    this.lastSeq += 1;
    const event = { seq: this.lastSeq, data };
    this.events.push(event);
    this.kept.added(this, data.length);
    this.reader?.write(this.idOf(event), data);
  }

  /** Nothing more comes. */
  end(): void {
    this.isOver = true;
    this.reader?.end();
    this.reader = undefined;
  }

  /** Is read by this one from now on, who has heard as much as `seq`; false where what came after it is kept no more. */
  readBy(reader: Reader, seq: number): boolean {
    const [first] = this.events;
    const isWhole = seq >= this.lastSeq || (first !== undefined && first.seq <= seq + 1);
    if (!isWhole) return false;
    this.reader?.end();
    this.reader = reader;
    for (const event of this.events) if (event.seq > seq) reader.write(this.idOf(event), event.data);
    if (this.isOver) this.end();
    return true;
  }

  /** This one reads no more. */
  leave(reader: Reader): void {
    if (this.reader === reader) this.reader = undefined;
  }

  /** Gives up the oldest event; its characters. */
  dropFirst(): number {
    return this.events.shift()?.data.length ?? 0;
  }

  get last(): number {
    return this.lastSeq;
  }

  private idOf({ seq }: Event): string {
    return `${this.name}.${seq}`;
  }
}

/** The stream and the number that an event's id names. */
export function readEventId(id: string): { readonly stream: string; readonly seq: number } | undefined {
  const [, stream, seq] = /^([\w-]{1,40})\.(\d{1,12})$/.exec(id) ?? [];
  return stream === undefined ? undefined : { stream, seq: Number(seq) };
}
