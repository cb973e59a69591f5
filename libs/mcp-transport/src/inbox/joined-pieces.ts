import { leaveLargeGarbage } from '../garbage/large-garbage.js';
import { bytesToText } from './long-text.js';

/** Of the first room. */
const FIRST_BYTES = 4 * 1024;

/** From here on it grows in smaller steps, and the pieces that came are worth a collection. */
const LARGE = 1024 * 1024;

/** What is expected is believed when so much of it has come. */
const BELIEVED_FROM = 256 * 1024;

interface Room {
  /** How many bytes are expected, where that is known. */
  readonly expectedBytes?: number;
  /** It never takes more room than these. */
  readonly maxBytes?: number;
  /** Whether so many bytes more may be held; asked before they are. */
  readonly reserve?: (bytes: number) => boolean;
}

/** Bytes that come in pieces, in one buffer that grows: kept by itself, a piece of one byte would hold hundreds. */
export class JoinedPieces {
  private buffer: Buffer = NOTHING;
  private bytes = 0;
  private readonly expectedBytes: number;
  private readonly maxBytes: number;
  private readonly reserve: (bytes: number) => boolean;

  constructor(room?: Room) {
    this.expectedBytes = room?.expectedBytes ?? 0;
    this.maxBytes = room?.maxBytes ?? Infinity;
    this.reserve = room?.reserve ?? always;
  }

  /** How many bytes have come. */
  get length(): number {
    return this.bytes;
  }

  /** How many bytes are held for them. */
  get room(): number {
    return this.buffer.length;
  }

  /** Keeps a piece that fits into `maxBytes` with those before it. False where there is no room for it. */
  add(piece: Uint8Array): boolean {
    const length = this.bytes + piece.length;
    if (length > this.buffer.length && !this.grow(length)) return false;
    this.buffer.set(piece, this.bytes);
    this.bytes = length;
    if (length > LARGE) leaveLargeGarbage(piece.length);
    return true;
  }

  /** Everything that came; nothing is kept of it. */
  take(): Buffer {
    const all = this.buffer.subarray(0, this.bytes);
    this.buffer = NOTHING;
    this.bytes = 0;
    return all;
  }

  /** Everything that came, as text; its bytes are free at once. */
  takeText(toText: (bytes: Buffer) => string = bytesToText): string {
    const all = this.take();
    if (all.length === 0) return '';
    const text = toText(all);
    moved(all, 0);
    return text;
  }

  private grow(length: number): boolean {
    const isBelieved = length > BELIEVED_FROM && length <= this.expectedBytes;
    const wanted = isBelieved ? this.expectedBytes : Math.max(this.buffer.length * (length > LARGE ? 1.25 : 2), FIRST_BYTES);
    const size = Math.min(Math.max(length, Math.ceil(wanted)), this.maxBytes);
    if (!this.reserve(size - this.buffer.length)) return false;
    // Moved, not copied: the room before it is free at once, and not when garbage is collected some day.
    this.buffer = this.buffer === NOTHING ? Buffer.allocUnsafeSlow(size) : Buffer.from(moved(this.buffer, size));
    return true;
  }
}

const NOTHING = Buffer.alloc(0);
const moved = ({ buffer }: Buffer, size: number): ArrayBuffer => (buffer as ArrayBuffer).transfer(size);
const always = (): boolean => true;
