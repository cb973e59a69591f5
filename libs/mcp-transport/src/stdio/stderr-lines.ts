import { LineSplitter } from './line-splitter.js';

const MAX_LINE_BYTES = 8 * 1024;
/** What a child writes beyond this is passed over unread, so that a flood costs next to nothing. */
const MAX_BYTES_PER_SECOND = 512 * 1024;

/** The lines that a child writes to stderr, as many as anybody could read. */
export class StderrLines {
  private readonly lines: LineSplitter;
  private second = 0;
  private bytes = 0;
  private hasGap = false;

  constructor(onLine: (line: string) => void) {
    this.lines = new LineSplitter(MAX_LINE_BYTES, onLine, () => undefined);
  }

  feed(chunk: Buffer): void {
    const second = Math.floor(performance.now() / 1000);
    this.bytes = (second === this.second ? this.bytes : 0) + chunk.length;
    this.second = second;
    if (this.bytes > MAX_BYTES_PER_SECOND) return void (this.hasGap = true);
    // What comes before and after a gap is not one line.
    if (this.hasGap) this.lines.feed(LINE_BREAK);
    this.hasGap = false;
    this.lines.feed(chunk);
  }
}

const LINE_BREAK = Buffer.from('\n');
