import type { DestinationStream } from 'pino';
import { isoNow, member } from './json-line.js';
import type { LogOutput } from './log-output.js';

/** A line waits no longer than this to be written with those that come after it. */
const GATHER_MS = 50;
/** So many characters of lines are written at once, however short they have waited: a write for each would cost a call a tenth of its time. */
const GATHERED_CHARACTERS = 32_768;
/** So many characters of lines wait while nothing can be written; further lines are lost. */
const MAX_WAITING_CHARACTERS = 4 * 1024 * 1024;
/** After a failure it is tried again. */
const RETRY_MS = 1_000;

/**
 * Gathers lines and has them written in the background, in order and whole. Where that fails, or the reader stands still, a bounded number
 * of lines waits; how many more were lost is told by a line of its own once it works again. Nobody waits for the log.
 */
export class LogSink implements DestinationStream {
  private waiting = '';
  private isWriting = false;
  /** What waits was to be written while something else was. */
  private isLate = false;
  private lost = 0;
  private due: NodeJS.Timeout | undefined;
  private whenWritten: (() => void)[] = [];

  constructor(
    private readonly output: LogOutput,
    private readonly maxWaitingCharacters = MAX_WAITING_CHARACTERS,
  ) {}

  write(line: string): void {
    if (this.waiting.length + line.length > this.maxWaitingCharacters) return void (this.lost += 1);
    this.waiting += line;
    if (this.waiting.length >= GATHERED_CHARACTERS) this.flush();
    else this.due ??= setTimeout(() => this.flush(), GATHER_MS).unref();
  }

  /** Resolves when every line is written, at the latest after `withinMs`. */
  written(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, withinMs);
      this.whenWritten.push(() => {
        clearTimeout(late);
        resolve();
      });
      this.flush();
    });
  }

  /** Writes what still waits, as the process ends. */
  writeNow(): void {
    const rest = Buffer.from(this.waiting);
    this.waiting = '';
    this.output.writeNow(rest);
  }

  private flush(): void {
    clearTimeout(this.due);
    this.due = undefined;
    this.isLate = this.isWriting;
    if (this.isWriting) return;
    if (this.lost > 0) this.tellLost();
    if (this.waiting === '') return this.tellWritten();
    const bytes = Buffer.from(this.waiting);
    this.waiting = '';
    this.isWriting = true;
    this.send(bytes);
  }

  private send(bytes: Buffer): void {
    this.output.write(bytes, (rest) => {
      if (rest) return void setTimeout(() => this.send(rest), RETRY_MS).unref();
      this.isWriting = false;
      if (this.isLate || this.waiting === '' || this.lost > 0 || this.whenWritten.length > 0) this.flush();
    });
  }

  private tellLost(): void {
    const { lost } = this;
    this.lost = 0;
    this.waiting += `{"level":"warn","time":"${isoNow()}"${member('msg', 'lines of the log were lost')}${member('lines', lost)}}\n`;
  }

  private tellWritten(): void {
    for (const resolve of this.whenWritten.splice(0)) resolve();
  }
}
