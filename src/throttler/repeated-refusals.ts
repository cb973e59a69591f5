import { WINDOW_S } from './sliding-window.js';

/** The refusal of a caller within the window that the operator is told of. */
const TELLING = 3;
/** Beyond so many callers the one that was refused first is forgotten. */
const MAX_CALLERS = 10_000;

interface Refusals {
  readonly since: number;
  count: number;
}

/** Who is refused again and again. */
export class RepeatedRefusals {
  private readonly callers = new Map<string, Refusals>();

  constructor(private readonly clock = () => performance.now()) {}

  /** Notes a refusal. Whether it is the third within a minute; true once for each minute. */
  isTelling(caller: string): boolean {
    const now = this.clock();
    let refusals = this.callers.get(caller);
    if (!refusals || now - refusals.since >= WINDOW_S * 1000) refusals = this.begin(caller, now);
    refusals.count += 1;
    return refusals.count === TELLING;
  }

  get size(): number {
    return this.callers.size;
  }

  private begin(caller: string, now: number): Refusals {
    const refusals = { since: now, count: 0 };
    this.callers.delete(caller);
    this.callers.set(caller, refusals);
    if (this.callers.size > MAX_CALLERS) this.callers.delete(this.callers.keys().next().value as string);
    return refusals;
  }
}
