/** Pieces of long work, of whatever server, in the order in which they came. */
const due: (() => boolean)[] = [];
let isScheduled = false;

/** Has a piece of long work done in a round of the event loop in which no other is, and once more in a later one whenever it gives true. */
export function inTurn(work: () => boolean): void {
  due.push(work);
  runSoon();
}

function runSoon(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(runFirst);
}

function runFirst(): void {
  isScheduled = false;
  const work = due.shift() as () => boolean;
  if (work()) due.push(work);
  if (due.length > 0) runSoon();
}
