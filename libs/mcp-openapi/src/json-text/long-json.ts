/** JSON of so many characters is not put together as one string. */
const LONG = 256 * 1024;
/** So many characters of a text are made JSON at a time. */
const SLICE = 32 * 1024;

/** A piece of JSON: as it is, or a text that is yet to be quoted. */
export type JsonPiece = string | LongText;

/** A long text that is to be a JSON string, with what stands before it in there. */
export class LongText {
  constructor(
    readonly text: string,
    readonly prefix = '',
  ) {}

  toString(): string {
    return JSON.stringify(this.prefix + this.text);
  }
}

/** JSON in pieces. V8 would hold it twice over while it is put together as a string, and once more while that is encoded. */
export class LongJson {
  constructor(readonly pieces: readonly JsonPiece[]) {}

  /** The same between two pieces of JSON, with the pieces that are JSON already as `change` gives them. */
  within(before: string, after: string, change?: (json: string) => string): LongJson {
    const pieces = change ? this.pieces.map((piece) => (typeof piece === 'string' ? change(piece) : piece)) : this.pieces;
    return new LongJson([before, ...pieces, after]);
  }

  /** In UTF-8; a text is encoded slice by slice. */
  toBytes(): Buffer {
    const bytes = new GrowingBytes(this.pieces.reduce((sum, piece) => sum + roomFor(piece), 0));
    for (const piece of this.pieces) {
      if (typeof piece === 'string') bytes.add(piece);
      else addQuoted(piece, bytes);
    }
    return bytes.take();
  }

  toString(): string {
    return this.pieces.join('');
  }
}

/** A text as a piece of JSON. */
export function quoted(text: string, prefix = ''): JsonPiece {
  return text.length < LONG ? JSON.stringify(prefix + text) : new LongText(text, prefix);
}

/** Pieces as one JSON text. */
export function joined(pieces: readonly JsonPiece[]): string | LongJson {
  let length = 0;
  for (const piece of pieces) length += typeof piece === 'string' ? piece.length : LONG;
  return length < LONG || pieces.length < 2 ? whole(pieces) : new LongJson(pieces);
}

function whole(pieces: readonly JsonPiece[]): string | LongJson {
  return pieces.every((piece) => typeof piece === 'string') ? pieces.join('') : new LongJson(pieces);
}

function roomFor(piece: JsonPiece): number {
  if (typeof piece === 'string') return Buffer.byteLength(piece);
  // Escapes are few in most texts, and room that is not used is never touched.
  return Math.ceil(Buffer.byteLength(piece.text) * 1.125) + Buffer.byteLength(piece.prefix) + 2;
}

function addQuoted({ text, prefix }: LongText, bytes: GrowingBytes): void {
  bytes.add(JSON.stringify(prefix).slice(0, -1));
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = sliceEnd(text, at);
    const part = text.slice(at, end);
    bytes.add(TO_ESCAPE.test(part) ? JSON.stringify(part).slice(1, -1) : part);
  }
  bytes.add('"');
}

/** What JSON.stringify writes otherwise, and pairs of surrogates. */
const TO_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

/** Never between the two units of one character. */
function sliceEnd(text: string, at: number): number {
  const end = at + SLICE;
  return (text.charCodeAt(end - 1) & 0xfc00) === 0xd800 ? end + 1 : end;
}

/** Bytes of texts, one after another. */
class GrowingBytes {
  private buffer: Buffer;
  private length = 0;

  constructor(room: number) {
    this.buffer = Buffer.allocUnsafeSlow(room);
  }

  add(text: string): void {
    // Of one unit of UTF-16 there are three bytes at the most.
    if (this.length + text.length * 3 > this.buffer.length) this.grow(this.length + Buffer.byteLength(text));
    this.length += this.buffer.write(text, this.length);
  }

  take(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private grow(length: number): void {
    if (length <= this.buffer.length) return;
    const before = this.buffer;
    this.buffer = Buffer.allocUnsafeSlow(Math.ceil(length * 1.25));
    before.copy(this.buffer, 0, 0, this.length);
    (before.buffer as ArrayBuffer).transfer(0);
  }
}
