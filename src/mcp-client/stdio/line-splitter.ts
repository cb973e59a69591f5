/** Cuts a byte stream into lines at `\n`; a line that grows beyond the bound is dropped and reported once. */
export class LineSplitter {
  private parts: Buffer[] = [];
  private bytes = 0;
  private isDropping = false;

  constructor(
    private readonly maxLineBytes: number,
    private readonly onLine: (line: string) => void,
    private readonly onTooLong: () => void,
  ) {}

  feed(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      this.keep(chunk.subarray(start, end));
      this.endLine();
      start = end + 1;
    }
    if (start < chunk.length) this.keep(chunk.subarray(start));
  }

  private keep(part: Buffer): void {
    this.bytes += part.length;
    if (this.bytes <= this.maxLineBytes) return void this.parts.push(part);
    this.parts = [];
    if (!this.isDropping) this.onTooLong();
    this.isDropping = true;
  }

  private endLine(): void {
    const line = this.isDropping ? '' : Buffer.concat(this.parts).toString().trim();
    this.parts = [];
    this.bytes = 0;
    this.isDropping = false;
    if (line !== '') this.onLine(line);
  }
}

const LF = 0x0a;
