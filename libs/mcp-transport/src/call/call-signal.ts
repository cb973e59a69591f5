/** What is told that a caller has left: a function, or an object, for which none has to be made. */
export type AbortListener = (() => void) | { handleEvent(): void };

/** As much of an AbortSignal as a call asks for, so that something cheaper can stand for one. */
export interface CallSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: AbortListener): void;
  removeEventListener(type: 'abort', listener: AbortListener): void;
}

/**
 * Tells once that the caller of a call has left. For the few listeners of one call, where an AbortController costs several times as much;
 * all that listen at that moment are told, and what one of them throws comes out of `abort`.
 */
export class CallAbort implements CallSignal {
  aborted = false;
  private listeners: readonly AbortListener[] = NONE;

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.listeners) {
      if (typeof listener === 'function') listener();
      else listener.handleEvent();
    }
    this.listeners = NONE;
  }

  addEventListener(_: 'abort', listener: AbortListener): void {
    this.listeners = this.listeners.length === 0 ? [listener] : [...this.listeners, listener];
  }

  removeEventListener(_: 'abort', listener: AbortListener): void {
    const isOnlyOne = this.listeners.length === 1 && this.listeners[0] === listener;
    this.listeners = isOnlyOne ? NONE : this.listeners.filter((other) => other !== listener);
  }
}

const NONE: readonly AbortListener[] = [];
