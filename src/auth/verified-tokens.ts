import { LRUCache } from 'lru-cache';
import type { Principal } from '../correlation/principal.js';
import type { AuthFailure } from '../metrics/security-events.js';

/** A good token: whose it is, and its end in seconds since 1970. */
export interface Judged {
  readonly principal: Principal;
  readonly expiresAt: number;
}

/** A token is believed for so long without being verified again, whatever becomes of the clock: that takes as long as half a call. */
const BELIEVED_MS = 60_000;
/** Beyond so many the one that was verified longest ago is forgotten. */
const MAX_TOKENS = 1_000;

interface Verified {
  readonly principal: Principal;
  /** By `performance.now()`, which nobody sets. */
  readonly until: number;
  /** By the clock that the claim is of. */
  readonly endsAt: number;
}

/** Tokens that were found good a moment ago, by the digests of them. */
export class VerifiedTokens {
  private readonly known = new LRUCache<string, Verified>({ max: MAX_TOKENS });

  /** Whose token has this SHA-256, if that was found a moment ago and the token has not ended. */
  holder(digest: Buffer): Principal | undefined {
    const found = this.known.peek(nameOf(digest));
    return found && performance.now() < found.until && Date.now() < found.endsAt ? found.principal : undefined;
  }

  /** Keeps a judgement, and gives it on. */
  note(digest: Buffer, judged: Judged | AuthFailure): Principal | AuthFailure {
    if (typeof judged === 'string') return judged;
    const { principal, expiresAt } = judged;
    this.known.set(nameOf(digest), { principal, until: performance.now() + BELIEVED_MS, endsAt: expiresAt * 1000 });
    return principal;
  }

  /** How many tokens are remembered. */
  get size(): number {
    return this.known.size;
  }
}

function nameOf(digest: Buffer): string {
  return digest.toString('base64');
}
