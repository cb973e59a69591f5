/** Of all that may go on, one client's share. */
const SHARE = 1 / 10;

/** Calls whose callers have left and that go on: so many for all, and a tenth of that for each client. */
export class AbandonedCalls {
  private readonly byClient = new Map<string, number>();
  private total = 0;

  constructor(private readonly max: number) {}

  /** Whether one more may go on; it is one of them until `ended`. */
  take(client: string, ended: Promise<unknown>): boolean {
    const own = this.byClient.get(client) ?? 0;
    if (this.total >= this.max || own >= Math.max(1, this.max * SHARE)) return false;
    this.total += 1;
    this.byClient.set(client, own + 1);
    const free = (): void => this.free(client);
    void ended.then(free, free);
    return true;
  }

  private free(client: string): void {
    this.total -= 1;
    const others = (this.byClient.get(client) as number) - 1;
    if (others > 0) this.byClient.set(client, others);
    else this.byClient.delete(client);
  }
}
