import type { CallSignal } from '@app/mcp-transport';

/** So many wait at the same time, of all faces together; what each holds meanwhile is for its face to bound. */
const MAX_WAITING = 1_000;

type Serve<T> = (what: T | undefined) => void;

/** Those who wait for something, first come first served. */
export class WaitingLine<T> {
  private readonly waiting = new Set<Serve<T>>();

  constructor(
    private readonly maxWaitMs: number,
    private readonly maxWaiting = MAX_WAITING,
  ) {}

  get length(): number {
    return this.waiting.size;
  }

  /** Resolves when it is one's turn; with undefined for one who has left, or waited too long, and at once where too many wait. */
  join(signal: CallSignal): Promise<T | undefined> {
    if (signal.aborted || this.waiting.size >= this.maxWaiting) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const serve: Serve<T> = (what) => {
        this.waiting.delete(serve);
        clearTimeout(late);
        signal.removeEventListener('abort', leave);
        resolve(what);
      };
      const leave = (): void => serve(undefined);
      const late = setTimeout(leave, this.maxWaitMs).unref();
      signal.addEventListener('abort', leave);
      this.waiting.add(serve);
    });
  }

  /** Serves the one who came first; makes nothing where nobody waits. */
  next(make: () => T): void {
    const [first] = this.waiting;
    first?.(make());
  }
}
