/** Long work in slices: between two of them other work may run. */
export type Slices<T> = Generator<void, T, void>;

/** So many steps of a microsecond or a few make one slice: a slice of each would cost more than the step. */
const SMALL_STEPS = 64;

/** Visits all items, many in a slice; for visits that take no time to speak of. */
export function* visitEach<T>(items: Iterable<T>, visit: (item: T, index: number) => void): Slices<void> {
  let index = 0;
  for (const item of items) {
    visit(item, index);
    index += 1;
    if (index % SMALL_STEPS === 0) yield;
  }
}

/** Does all slices in one go. */
export function atOnce<T>(slices: Slices<T>): T {
  for (;;) {
    const step = slices.next();
    if (step.done) return step.value;
  }
}

/** Does the slices one by one, and `pause` between them; gives at once what takes one slice alone. */
export function inTurns<T>(slices: Slices<T>, pause: () => Promise<void>): T | Promise<T> {
  const first = slices.next();
  return first.done ? first.value : theRest(slices, pause);
}

async function theRest<T>(slices: Slices<T>, pause: () => Promise<void>): Promise<T> {
  for (;;) {
    await pause();
    const step = slices.next();
    if (step.done) return step.value;
  }
}
