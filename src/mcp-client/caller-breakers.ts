import { UpstreamBreaker } from './upstream-breaker.js';

/** Callers whose failures are counted; those who called least recently are forgotten first. */
const MAX_CALLERS = 1_000;

/** A breaker for each caller's credentials: what a server does to one caller keeps no other from it. */
export class CallerBreakers {
  private readonly breakers = new Map<string, UpstreamBreaker>();

  constructor(private readonly onOpen: () => void) {}

  of(digest: string): UpstreamBreaker {
    const breaker = this.breakers.get(digest) ?? new UpstreamBreaker(this.onOpen);
    this.breakers.delete(digest);
    this.breakers.set(digest, breaker);
    if (this.breakers.size > MAX_CALLERS) this.breakers.delete(this.breakers.keys().next().value as string);
    return breaker;
  }

  connected(): void {
    for (const breaker of this.breakers.values()) breaker.connected();
  }
}
