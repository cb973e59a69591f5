import type { CallSignal } from '@app/mcp-transport';
import type { SocketBounds } from '../bounds.js';

/**
 * In front of the places of calls in flight, where only so many may wait: the calls of all sockets come to it in turn, so that they wait and
 * are not refused.
 */
export class PlaceQueue {
  private inside = 0;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly bounds: Pick<SocketBounds, 'waitingForPlace'>) {}

  /** Resolves when it is one's turn, or one is given up; in both cases `leave` is owed. */
  enter(signal: CallSignal): Promise<void> | undefined {
    if (this.inside < this.bounds.waitingForPlace || signal.aborted) {
      this.inside += 1;
      return undefined;
    }
    return new Promise((resolve) => {
      const go = (): void => {
        if (!this.waiting.delete(go)) return;
        signal.removeEventListener('abort', go);
        this.inside += 1;
        resolve();
      };
      this.waiting.add(go);
      signal.addEventListener('abort', go);
    });
  }

  leave(): void {
    this.inside -= 1;
    const [next] = this.waiting;
    if (this.inside < this.bounds.waitingForPlace) next?.();
  }
}
