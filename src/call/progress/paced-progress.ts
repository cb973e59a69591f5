/** So many notifications are passed on as they come; */
export const BURST = 50;
/** and one more for each so many milliseconds that pass. */
export const PAUSE_MS = 100;

type Tell<T> = (notification: T) => void;

/** Passes on what a server reports of a call, to all who listen: of one that reports more than anybody can read the latest, each time. */
export class PacedProgress<T extends object> {
  private credit = BURST;
  private countedAt = performance.now();
  private latest: T | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly tell: Tell<T>) {}

  take(notification: T): void {
    if (this.latest || !this.hasCredit()) return this.keep(notification);
    this.tell(notification);
  }

  /** Nothing more comes: the latest is passed on now. */
  end(): void {
    clearTimeout(this.timer);
    this.pass();
  }

  private hasCredit(): boolean {
    const now = performance.now();
    this.credit = Math.min(BURST, this.credit + (now - this.countedAt) / PAUSE_MS);
    this.countedAt = now;
    if (this.credit < 1) return false;
    this.credit -= 1;
    return true;
  }

  private keep(notification: T): void {
    this.latest = notification;
    this.timer ??= setTimeout(() => this.pass(), PAUSE_MS).unref();
  }

  private pass(): void {
    const { latest } = this;
    this.timer = undefined;
    if (!latest) return;
    this.latest = undefined;
    // Its own is used up by then.
    this.countedAt = performance.now();
    this.tell(latest);
  }
}
