type Progress = Readonly<Record<string, unknown>>;

/** Tells a call's progress, but not more often than a person can read: what comes sooner takes the place of what waits. */
export class ProgressTeller {
  private waiting: Progress | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly everyMs: number,
    private readonly say: (progress: Progress) => void,
  ) {}

  readonly take = (progress: Progress): void => {
    if (this.timer) {
      this.waiting = progress;
      return;
    }
    this.say(progress);
    this.timer = setTimeout(() => this.next(), this.everyMs).unref();
  };

  /** Says what waits, and nothing after it. */
  end(): void {
    clearTimeout(this.timer);
    if (this.waiting) this.say(this.waiting);
    this.waiting = undefined;
  }

  private next(): void {
    const { waiting } = this;
    this.timer = this.waiting = undefined;
    if (waiting) this.take(waiting);
  }
}
