import type { ChatAnswer } from './chat-answer.js';
import type { PostEnd, Status } from './post-status.js';

/** From the end of one post to the next of the same call: two a second. */
const PAUSE_MS = 500;
/** The end of a call may come sooner after the last post, if the one before that is so long ago. */
const TWO_POSTS_MS = 1_000;
/** So long it is tried to tell of an end; who reads the chat has seen by then. */
const END_MS = 60_000;

/** Makes the posts. */
export interface StatusLine {
  /** It has something to post, now. */
  due(status: ChatStatus): void;
  /** It has its end to tell. */
  ending(status: ChatStatus): void;
  /** It posts nothing more. */
  over(status: ChatStatus): void;
}

/**
 * What the chat is told of one call. Of what it is to tell the latest is kept, one post is made at a time, and the last of them says that the
 * call is over; a call that tells nothing leaves nothing.
 */
export class ChatStatus {
  private state: 'running' | 'ended' | 'over' = 'running';
  /** Yet to be posted. */
  private news: Status | undefined;
  private isUnderWay = false;
  private mayBeShown = false;
  private endedAt = Infinity;
  /** Its end could not be told at first. */
  private isAgain = false;
  /** When the last post was made, and the one before it. */
  private lastAt = -Infinity;
  private beforeAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly answer: ChatAnswer,
    private readonly line: StatusLine,
  ) {}

  report(description: string): void {
    if (this.state !== 'running') return;
    this.news = { description, done: false };
    this.schedule();
  }

  /** The call is over; to be said once or more often. */
  end(description: string): void {
    if (this.state !== 'running') return;
    if (!this.mayBeShown && !this.isUnderWay && !this.news) return this.giveUp();
    this.state = 'ended';
    this.endedAt = performance.now();
    this.news = { description, done: true };
    this.line.ending(this);
    this.schedule();
  }

  /** What is to be posted now; undefined if there is nothing any more. To be answered by {@link posted}. */
  take(): Status | undefined {
    if (performance.now() - this.endedAt > END_MS) this.giveUp();
    const { news } = this;
    this.news = undefined;
    this.isUnderWay = news !== undefined;
    return news;
  }

  posted({ done, description }: Status, { kind }: PostEnd): void {
    this.isUnderWay = false;
    if (this.state === 'over') return;
    this.beforeAt = this.lastAt;
    this.lastAt = performance.now();
    // One that failed may have come all the same.
    if (kind !== 'refused') this.mayBeShown = true;
    // An answer that may not be written to will not be.
    if (kind === 'refused' || (done && kind === 'taken')) return this.giveUp();
    if (done) {
      this.news = { description, done };
      this.isAgain = true;
    }
    if (this.news) this.schedule();
  }

  /** Posts nothing more. */
  giveUp(): void {
    clearTimeout(this.timer);
    this.state = 'over';
    this.news = undefined;
    this.line.over(this);
  }

  private schedule(): void {
    if (this.isUnderWay) return;
    // What waits is not always the same.
    clearTimeout(this.timer);
    const nextAt = this.news?.done && !this.isAgain ? this.beforeAt + TWO_POSTS_MS : this.lastAt + PAUSE_MS;
    const waitMs = nextAt - performance.now();
    if (waitMs <= 0) this.line.due(this);
    else this.timer = setTimeout(() => this.line.due(this), waitMs).unref();
  }
}
