import { Tally } from '../../throttler/tally.js';

/** Of all that may go on, one client's share. */
const SHARE = 1 / 10;

/** Calls whose callers have left and that go on: so many for all, and a tenth of that for each client. */
export class AbandonedCalls {
  private readonly held = new Tally();

  constructor(private readonly max: number) {}

  /** Whether one more may go on; it is one of them until `ended`. */
  take(client: string, ended: Promise<unknown>): boolean {
    if (this.held.total >= this.max || this.held.of(client) >= Math.max(1, this.max * SHARE)) return false;
    this.held.add(client, 1);
    const free = (): void => this.held.add(client, -1);
    void ended.then(free, free);
    return true;
  }
}
