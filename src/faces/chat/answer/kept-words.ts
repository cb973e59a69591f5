import { JoinedPieces } from '@app/mcp-transport';

/** What a model is told again of its own words, where it asks for tools behind them. */
const MAX_CHARACTERS = 128 * 1024;
/** Keeps halves of a character that come in two pieces. */
const ENCODING = 'utf16le';
const BYTES_EACH = 2;

/** The words of a round that comes in pieces, each as large as it is: a text to which a character is added a million times holds a million texts. */
export class KeptWords {
  private readonly pieces = new JoinedPieces({ maxBytes: MAX_CHARACTERS * BYTES_EACH });

  get areNone(): boolean {
    return this.pieces.length === 0;
  }

  /** Beyond the bound they are dropped. */
  add(words: string): void {
    const room = MAX_CHARACTERS - this.pieces.length / BYTES_EACH;
    if (room > 0) this.pieces.add(Buffer.from(words.slice(0, room), ENCODING));
  }

  take(): string {
    return this.pieces.take().toString(ENCODING);
  }
}
