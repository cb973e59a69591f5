import { JoinedPieces } from '@app/mcp-transport';

/** Bodies that come in pieces may hold so much memory together: MAX_CONNECTIONS bodies of MAX_BODY_BYTES, with the defaults of both. */
export const MAX_BODY_MEMORY_BYTES = 128 * 1024 * 1024;

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

/** A body while it comes, in one buffer that grows. */
export class PartialBody {
  private readonly pieces: JoinedPieces;
  private isOver = false;

  /** It never grows beyond `maxBytes`. */
  constructor(
    private readonly memory: BodyMemory,
    maxBytes: number,
  ) {
    this.pieces = new JoinedPieces({ maxBytes, reserve: (bytes) => memory.take(bytes) });
  }

  /** How many bytes have come. */
  get length(): number {
    return this.pieces.length;
  }

  /** Keeps a piece that fits into `maxBytes`. False where all bodies together leave no room for it. */
  add(piece: Buffer): boolean {
    return this.isOver || this.pieces.add(piece);
  }

  /** Everything that came; what becomes of it is no longer counted. */
  take(): Buffer {
    const { room } = this.pieces;
    const body = this.pieces.take();
    this.memory.release(room);
    this.isOver = true;
    return body;
  }

  /** Gives its memory back, and keeps nothing that comes afterwards. Harmless when repeated. */
  release(): void {
    this.take();
  }
}
