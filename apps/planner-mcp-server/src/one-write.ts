import type { Writable } from 'node:stream';

/** Has everything that is written to `output` in this turn of the event loop go out as one write. */
export function asOneWrite(output: Writable): void {
  output.cork();
  setImmediate(() => output.uncork());
}
