import type { Counter } from 'prom-client';

/** A counter with these labels, there from the start: what appears with its first sample has no increase. */
export function fromZero(counter: Counter, labels: Readonly<Record<string, string>>): Counter.Internal {
  counter.inc(labels, 0);
  return counter.labels(labels);
}
