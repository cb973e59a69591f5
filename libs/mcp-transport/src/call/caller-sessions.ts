import { once } from 'node:events';
import type { CallDeadline } from './call-deadline.js';
import { callEnd, pauseCall } from './call-pause.js';
import type { CallerCredentials } from './caller-credentials.js';
import { causeOf, isNetworkError } from '../network-error.js';
import type { UpstreamAnswer, UpstreamCall } from './upstream-answer.js';

/** Sessions of callers with one server. */
const MAX_SESSIONS = 1_000;
/** One that nobody uses for so long is closed. */
const IDLE_MS = 5 * 60_000;
const SWEEP_MS = 30_000;

/** What is kept for the calls of one caller. */
export interface CallerSession {
  /** Of no use any more: the next call opens another. */
  readonly isOver: boolean;
  close(): Promise<void>;
}

/** A `tools/call` with the credentials of who makes it. */
export type CredentialedCall = UpstreamCall & { readonly credentials: CallerCredentials };

interface Held<T> {
  readonly opening: Promise<T>;
  /** Set once it is open. */
  session: T | undefined;
  calls: number;
  usedAt: number;
}

/**
 * One session for each caller's credentials, opened for the first call with them and never used for another's. Of those that no call is
 * using, the one that was used least recently makes room for a new one, and all are closed after a while.
 */
export class CallerSessions<T extends CallerSession> {
  /** By digest, the least recently used first. */
  private readonly held = new Map<string, Held<T>>();
  private sweeping: NodeJS.Timeout | undefined;

  constructor(
    private readonly open: (credentials: CallerCredentials) => Promise<T>,
    private readonly limits = { maxSessions: MAX_SESSIONS, idleMs: IDLE_MS, sweepMs: SWEEP_MS },
  ) {}

  get size(): number {
    return this.held.size;
  }

  /** Makes the call on the caller's session. Never throws for what the server does; ends with the deadline. */
  async call(call: CredentialedCall, deadline: CallDeadline, send: (session: T) => Promise<UpstreamAnswer>): Promise<UpstreamAnswer> {
    const held = this.take(call.credentials);
    if (!held) return { kind: 'busy', message: `${this.limits.maxSessions} callers have calls in flight` };
    held.calls += 1;
    try {
      if (!held.session) {
        await pauseCall(call, deadline, (signal) => Promise.race([held.opening, once(signal, 'abort')]));
        const end = callEnd(call, deadline);
        if (end) return end;
      }
      return await send(await held.opening);
    } catch (error) {
      return notOpened(error);
    } finally {
      held.calls -= 1;
      held.usedAt = performance.now();
      this.leave(call.credentials.digest, held);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.sweeping);
    const all = [...this.held.values()];
    this.held.clear();
    await Promise.allSettled(all.map(closeHeld));
  }

  private take(credentials: CallerCredentials): Held<T> | undefined {
    const { digest } = credentials;
    const known = this.held.get(digest);
    if (known) this.held.delete(digest);
    const isUsable = known && !known.session?.isOver;
    if (known && !isUsable) this.leave(digest, known);
    if (!isUsable && this.held.size >= this.limits.maxSessions && !this.makeRoom()) return undefined;
    const held = isUsable ? known : this.newSession(credentials);
    this.held.set(digest, held);
    return held;
  }

  private newSession(credentials: CallerCredentials): Held<T> {
    this.sweeping ??= setInterval(() => this.sweep(), this.limits.sweepMs).unref();
    const held: Held<T> = { opening: this.open(credentials), session: undefined, calls: 0, usedAt: performance.now() };
    held.opening.then(
      (session) => (held.session = session),
      // The next call tries anew; those that wait for this attempt share its failure.
      () => this.held.get(credentials.digest) === held && this.held.delete(credentials.digest),
    );
    return held;
  }

  private makeRoom(): boolean {
    for (const [digest, held] of this.held) {
      if (held.calls > 0) continue;
      this.held.delete(digest);
      void closeHeld(held);
      return true;
    }
    return false;
  }

  private sweep(): void {
    const oldest = performance.now() - this.limits.idleMs;
    for (const [digest, held] of this.held) {
      if (held.calls > 0 || held.usedAt > oldest) continue;
      this.held.delete(digest);
      void closeHeld(held);
    }
  }

  /** A session that is over is closed after its last call. */
  private leave(digest: string, held: Held<T>): void {
    if (held.calls > 0 || !held.session?.isOver) return;
    if (this.held.get(digest) === held) this.held.delete(digest);
    void closeHeld(held);
  }
}

async function closeHeld<T extends CallerSession>({ opening }: Held<T>): Promise<void> {
  const session = await opening.catch(() => undefined);
  await session?.close().catch(() => undefined);
}

/** What a server says when it opens no session may repeat the credentials: only its status is told. */
function notOpened(error: unknown): UpstreamAnswer {
  if (isNetworkError(error)) return { kind: 'unreachable', message: causeOf(error) };
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === 'number') return { kind: 'http_status', status, retryAfterSeconds: undefined };
  return { kind: 'unreachable', message: 'The MCP server opens no session for this caller.', isOnlyCallers: true };
}
