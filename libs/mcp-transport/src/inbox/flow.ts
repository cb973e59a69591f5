/** Where a server's bytes come from. */
export interface Source {
  pause(): void;
  resume(): void;
}

/** What is being read, which several may hold up: it goes on when none of them does any more. */
export class Flow implements Source {
  private holders = 0;

  /** `source` may be another one each time that it is asked for. */
  constructor(private readonly source: () => Source | undefined) {}

  pause(): void {
    this.holders += 1;
    if (this.holders === 1) this.source()?.pause();
  }

  resume(): void {
    this.holders -= 1;
    if (this.holders === 0) setImmediate(() => this.goOn());
  }

  /** In a turn of its own: an HTTP parser that is resumed reads on at once, which it must not while another one does. */
  private goOn(): void {
    if (this.holders === 0) this.source()?.resume();
  }
}
