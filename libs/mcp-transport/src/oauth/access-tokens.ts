import { TokenError } from './token-error.js';
import type { RefusedToken, TokenSource } from './token-source.js';

/** A token is asked for anew so long before its end, or after half of its life, whichever is later, */
const REFRESH_AHEAD_MS = 60_000;
/** and is not used any more so long before it, or in the last quarter of its life. */
const UNUSED_AT_END_MS = 5_000;
/** The authorization server is asked no more often, whatever fails or is refused. */
const MIN_INTERVAL_MS = 1_000;
/** So many of the last are not shown, whatever has become of them: a server may repeat one that it was sent a while ago. */
const MAX_SECRETS = 4;

interface HeldToken {
  readonly value: string;
  readonly refreshAt: number;
  readonly endsAt: number;
}

/** The access token for one MCP server, kept in memory alone: one request for it at a time, and ahead of its end, so that no call waits. */
export class AccessTokens {
  private held: HeldToken | undefined;
  /** The last of them, the newest at the end. */
  private had: readonly string[] = [];
  private asking: Promise<string> | undefined;
  private askedAt = -Infinity;
  private failure: unknown;

  constructor(
    private readonly source: TokenSource,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Its value, empty for none; at once where there is one that is good. */
  get(): string | Promise<string> {
    const { held } = this;
    const now = this.now();
    if (!held || now >= held.endsAt) return this.ask();
    // Until its end the one that is there serves; what fails is tried again by a later call.
    if (now >= held.refreshAt && this.isDue) this.ask().catch(() => undefined);
    return held.value;
  }

  /**
   * Whether another one can be had in place of one that was refused: there is one, it is under way, or the last was not asked for just now. Where a
   * person may have to be asked that is always tried.
   */
  canReplace(refused: string): boolean {
    return this.stepsUp || this.held?.value !== refused || this.asking !== undefined || this.isDue;
  }

  /** Whether one that is good may be replaced by one that is good for more. */
  get stepsUp(): boolean {
    return this.source.stepsUp;
  }

  /** Another one in place of one that was refused, asked for once for all who hold that one. */
  async replace(refused: RefusedToken): Promise<string> {
    return this.held?.value === refused.value ? this.ask(refused) : this.get();
  }

  /** There may be another one now: the next request asks. */
  forget(): void {
    this.held = undefined;
    this.failure = undefined;
  }

  /** What must not be shown. */
  secrets(): readonly string[] {
    return this.had;
  }

  private get isDue(): boolean {
    return this.now() - this.askedAt >= MIN_INTERVAL_MS;
  }

  private ask(refused?: RefusedToken): Promise<string> {
    if (this.asking) return this.asking;
    if (!this.isDue && this.failure !== undefined) return Promise.reject(this.failure as Error);
    this.askedAt = this.now();
    this.asking = this.grant(refused).finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async grant(refused: RefusedToken | undefined): Promise<string> {
    const askedAt = this.askedAt;
    try {
      const { value, lifetimeMs = Infinity } = await this.source.request(refused);
      const refreshAt = askedAt + lifetimeMs - Math.min(REFRESH_AHEAD_MS, lifetimeMs / 2);
      // One that has hardly any life serves until the next may be asked for, unless it is refused.
      const endsAt = askedAt + Math.max(MIN_INTERVAL_MS, lifetimeMs - Math.min(UNUSED_AT_END_MS, lifetimeMs / 4));
      this.held = { value, refreshAt, endsAt };
      if (value !== '' && !this.had.includes(value)) this.had = [...this.had, value].slice(-MAX_SECRETS);
      this.failure = undefined;
      return value;
    } catch (error) {
      this.failure = error instanceof TokenError ? error : new TokenError('the request for it failed.');
      throw this.failure;
    }
  }
}
