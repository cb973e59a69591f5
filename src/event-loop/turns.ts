import { setImmediate as nextTurn } from 'node:timers/promises';

/** Turns of the event loop, each for one piece of long work, whoever asks for them. */
export class Turns {
  private last: Promise<void> = Promise.resolve();

  /** Resolves in a later turn, which is nobody else's. */
  readonly next = (): Promise<void> => (this.last = this.last.then(() => nextTurn()));
}
