import { JoinedPieces } from '../inbox/joined-pieces.js';

/** So much is kept of both ends of a line that is dropped. */
const KEPT_BYTES = 512;

/** What is left of a line that was too long. */
export interface DroppedLine {
  readonly head: string;
  readonly tail: string;
}

/** Cuts a byte stream into lines at `\n`, and tells of blank ones apart; of a line that grows beyond the bound only its ends are kept, and reported once it is over. */
export class LineSplitter {
  private readonly parts = new JoinedPieces();
  private bytes = 0;
  private head: string | undefined;
  private tail: Buffer = NOTHING;

  constructor(
    private readonly maxLineBytes: number,
    private readonly onLine: (line: string) => void,
    private readonly onTooLong: (line: DroppedLine) => void,
    private readonly onBlank: () => void = () => undefined,
  ) {}

  feed(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      if (this.bytes === 0 && end - start <= this.maxLineBytes) this.tell(chunk.toString('utf8', start, end));
      else this.endLine(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.keep(chunk.subarray(start));
  }

  private keep(part: Buffer): void {
    this.bytes += part.length;
    if (this.head !== undefined) return this.keepTail(part);
    this.parts.add(part);
    if (this.bytes > this.maxLineBytes) this.drop();
  }

  private drop(): void {
    const line = this.parts.take();
    this.head = line.toString('utf8', 0, KEPT_BYTES);
    this.keepTail(line);
  }

  /** A copy: a part of a chunk would keep the whole chunk alive. */
  private keepTail(part: Buffer): void {
    if (part.length >= KEPT_BYTES) this.tail = Buffer.from(part.subarray(-KEPT_BYTES));
    else if (part.length > 0) this.tail = Buffer.from(Buffer.concat([this.tail, part]).subarray(-KEPT_BYTES));
  }

  private endLine(part: Buffer): void {
    this.keep(part);
    const { head, tail } = this;
    this.bytes = 0;
    this.head = undefined;
    this.tail = NOTHING;
    if (head !== undefined) return this.onTooLong({ head, tail: tail.toString() });
    this.tell(this.parts.takeText());
  }

  private tell(text: string): void {
    const line = text.trim();
    if (line === '') this.onBlank();
    else this.onLine(line);
  }
}

const LF = 0x0a;
const NOTHING = Buffer.alloc(0);
