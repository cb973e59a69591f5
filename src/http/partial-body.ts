/** Bodies that come in pieces may hold so much memory together: MAX_CONNECTIONS bodies of MAX_BODY_BYTES, with the defaults of both. */
export const MAX_BODY_MEMORY_BYTES = 128 * 1024 * 1024;

/** Of the first room for a body. */
const FIRST_BYTES = 4 * 1024;

/** What all bodies that are being read hold together. */
export class BodyMemory {
  private held = 0;

  constructor(private readonly maxBytes = MAX_BODY_MEMORY_BYTES) {}

  /** Whether there is room for so many bytes more, which are held from now on. */
  take(bytes: number): boolean {
    if (this.held + bytes > this.maxBytes) return false;
    this.held += bytes;
    return true;
  }

  release(bytes: number): void {
    this.held -= bytes;
  }
}

/** A body while it comes, in one buffer that grows: kept by itself, a piece of one byte would hold hundreds. */
export class PartialBody {
  private buffer = Buffer.alloc(0);
  private isOver = false;
  private bytes = 0;

  constructor(
    private readonly memory: BodyMemory,
    /** It never grows beyond these. */
    private readonly maxBytes: number,
  ) {}

  /** How many bytes have come. */
  get length(): number {
    return this.bytes;
  }

  /** Keeps a piece that fits into `maxBytes`. False where all bodies together leave no room for it. */
  add(piece: Buffer): boolean {
    if (this.isOver) return true;
    const length = this.bytes + piece.length;
    if (length > this.buffer.length && !this.grow(length)) return false;
    piece.copy(this.buffer, this.bytes);
    this.bytes = length;
    return true;
  }

  /** Everything that came; what becomes of it is no longer counted. */
  take(): Buffer {
    const body = this.buffer.subarray(0, this.bytes);
    this.release();
    return body;
  }

  /** Gives its memory back, and keeps nothing that comes afterwards. Harmless when repeated. */
  release(): void {
    this.memory.release(this.buffer.length);
    this.buffer = Buffer.alloc(0);
    this.isOver = true;
  }

  private grow(length: number): boolean {
    const size = Math.min(Math.max(length, this.buffer.length * 2, FIRST_BYTES), this.maxBytes);
    if (!this.memory.take(size - this.buffer.length)) return false;
    const grown = Buffer.allocUnsafeSlow(size);
    this.buffer.copy(grown, 0, 0, this.bytes);
    this.buffer = grown;
    return true;
  }
}
