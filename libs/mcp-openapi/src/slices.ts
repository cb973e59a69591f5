/** Long work in slices: between two of them other work may run. */
export type Slices<T> = Generator<void, T, void>;

/** Does all slices in one go. */
export function atOnce<T>(slices: Slices<T>): T {
  for (;;) {
    const step = slices.next();
    if (step.done) return step.value;
  }
}

/** Does the slices one by one, and `pause` between them. */
export async function inTurns<T>(slices: Slices<T>, pause: () => Promise<void>): Promise<T> {
  for (;;) {
    const step = slices.next();
    if (step.done) return step.value;
    await pause();
  }
}
