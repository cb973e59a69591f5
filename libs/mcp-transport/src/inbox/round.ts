import { SLICE_MS } from './slice.js';

/** Has everybody, however busy the others are. */
const LEAST_MS = 0.2;

let spentMs = 0;
let isCounting = false;

/** So much of this round of the event loop has been spent on the texts of somebody. */
export function spentOfRound(ms: number): void {
  spentMs += ms;
  if (isCounting) return;
  isCounting = true;
  setImmediate(endRound);
}

/** So long may texts be handed on in this round: all together for a slice. */
export function leftOfRound(): number {
  return Math.max(SLICE_MS - spentMs, LEAST_MS);
}

function endRound(): void {
  spentMs = 0;
  isCounting = false;
}
