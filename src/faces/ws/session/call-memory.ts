import { BriefMap } from '@app/mcp-transport';
import type { SocketBounds } from '../bounds.js';
import type { SessionCall } from './session-call.js';

/** Ids that all sessions remember together, before each gives up some. */
const MAX_IN_ALL = 200_000;
/** What each may remember whatever the others do. */
const MIN_EACH = 100;

/** How many ids all sessions remember. */
interface RememberedInAll {
  count: number;
}

/** The calls of a session by id: those that have not ended, and the last that have. */
export class CallMemory {
  private readonly running = new BriefMap<string, SessionCall>();
  /** Digests. */
  private readonly ended = new Map<string, string>();

  constructor(
    private readonly bounds: Pick<SocketBounds, 'rememberedCalls'>,
    private readonly all: RememberedInAll,
  ) {}

  get unended(): Iterable<SessionCall> {
    return this.running.values();
  }

  /** Of both, those that have ended first. */
  *known(): Iterable<{ readonly id: string; readonly digest: string; readonly isEnded: boolean }> {
    for (const [id, digest] of this.ended) yield { id, digest, isEnded: true };
    for (const { id, order } of this.running.values()) yield { id, digest: order.digest, isEnded: false };
  }

  /** What was said with this id; undefined for one that is new. */
  digestOf(id: string): string | undefined {
    return this.running.get(id)?.order.digest ?? this.ended.get(id);
  }

  callOf(id: string): SessionCall | undefined {
    return this.running.get(id);
  }

  add(call: SessionCall): void {
    this.running.add(call.id, call);
  }

  noteEnd({ id, order }: SessionCall): void {
    this.running.delete(id);
    this.ended.set(id, order.digest);
    this.all.count += 1;
    while (this.ended.size > this.bounds.rememberedCalls || (this.all.count > MAX_IN_ALL && this.ended.size > MIN_EACH))
      this.forgetOldest();
  }

  /** One that was made elsewhere. */
  noteKnown(id: string, digest: string): void {
    this.ended.set(id, digest);
    this.all.count += 1;
  }

  /** As if it had never been asked for. */
  forget(id: string): void {
    this.running.delete(id);
    if (this.ended.delete(id)) this.all.count -= 1;
  }

  clear(): void {
    this.all.count -= this.ended.size;
    this.ended.clear();
  }

  private forgetOldest(): void {
    this.all.count -= 1;
    this.ended.delete(this.ended.keys().next().value as string);
  }
}
