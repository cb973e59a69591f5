import type { CallSignal } from '@app/mcp-transport';

/** So many wait at the same time, of all faces together; what each holds meanwhile is for its face to bound. */
const MAX_WAITING = 1_000;

interface Waiting<T> {
  readonly who: string;
  readonly serve: (what: T | undefined) => void;
}

/** Those who wait for something, first come first served. */
export class WaitingQueue<T> {
  private readonly waiting = new Set<Waiting<T>>();

  constructor(
    private readonly maxWaitMs: number,
    private readonly maxWaiting = MAX_WAITING,
  ) {}

  get length(): number {
    return this.waiting.size;
  }

  /** Resolves when it is one's turn; with undefined for one who has left, or waited too long, and at once where too many wait. */
  join(who: string, signal: CallSignal): Promise<T | undefined> {
    if (signal.aborted || this.waiting.size >= this.maxWaiting) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const serve = (what: T | undefined): void => {
        this.waiting.delete(one);
        clearTimeout(late);
        signal.removeEventListener('abort', leave);
        resolve(what);
      };
      const one: Waiting<T> = { who, serve };
      const leave = (): void => serve(undefined);
      const late = setTimeout(leave, this.maxWaitMs).unref();
      signal.addEventListener('abort', leave);
      this.waiting.add(one);
    });
  }

  /** Serves the first for whom `give` has something; asks nobody where nobody waits. */
  next(give: (who: string) => T | undefined): void {
    for (const { who, serve } of this.waiting) {
      const what = give(who);
      if (what !== undefined) return serve(what);
    }
  }
}
