import { Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import { MemoryCache } from '../../cache/memory-cache.js';
import { Redis, type Waiting } from '../../redis/redis.service.js';
import { DeferredWork } from '../../redis/deferred-work.js';
import { surelyDidNotRun } from '../outcome/surely-did-not-run.js';
import { type EndedRecord, endedRecord, notKept } from './call-record.js';
import { CallRecordsInRedis, KEPT_MS } from './call-records-in-redis.service.js';

const MEMORY = { maxEntries: 10_000, maxBytes: 64 * 1024 * 1024, ttlMs: KEPT_MS } as const;

/** What this replica knows of calls with an idempotency key, and has to tell the others. */
@Injectable()
export class RememberedCalls {
  private readonly memory = new MemoryCache<EndedRecord>(MEMORY, ({ outcome }) => outcome?.length ?? 0);
  /** By name: digests of the arguments of calls whose end Redis does not know yet, undefined for those that were not made; not more than are remembered. */
  private readonly untold = new Map<string, string | undefined>();
  /** By name: digests of the arguments of calls that are being made here. */
  private readonly open = new Map<string, string>();
  /** Those of which Redis may not know that they are. */
  private readonly unclaimed = new Set<string>();
  private readonly later: DeferredWork;

  constructor(
    private readonly inRedis: CallRecordsInRedis,
    redis: Redis,
  ) {
    this.later = new DeferredWork(
      redis,
      () => this.tellUntold(),
      () => this.addAll(),
    );
  }

  get(name: string): EndedRecord | undefined {
    return this.memory.get(name);
  }

  /** A call is made here. */
  began(name: string, args: string): void {
    this.open.set(name, args);
  }

  /** One that is made here could not be claimed. */
  claimLater(name: string): void {
    if (!this.inRedis.isShared) return;
    this.unclaimed.add(name);
    this.later.ask();
  }

  /** A call has ended: its outcome is that of the key from now on, unless it was not made. */
  async ended(name: string, args: string, outcome: ToolOutcome, waiting: Waiting): Promise<void> {
    this.open.delete(name);
    const record = surelyDidNotRun(outcome) ? undefined : endedRecord(args, outcome);
    if (record) this.memory.set(name, record);
    this.untold.delete(name);
    if (await this.inRedis.end(name, record, waiting)) return;
    if (this.untold.size < MEMORY.maxEntries) this.untold.set(name, record?.args);
    this.later.ask();
  }

  /** Whether Redis still has the beginning of a call that was not made. */
  isFree(name: string): boolean {
    return this.untold.has(name) && this.untold.get(name) === undefined;
  }

  private addAll(): boolean {
    if (!this.inRedis.isShared) return false;
    for (const [name, { args }] of this.memory.entries()) if (!this.untold.has(name)) this.untold.set(name, args);
    for (const name of this.open.keys()) this.unclaimed.add(name);
    return this.untold.size + this.unclaimed.size > 0;
  }

  private async tellUntold(): Promise<boolean> {
    for (const name of this.unclaimed) {
      const args = this.open.get(name);
      if (args !== undefined && (await this.inRedis.claim(name, args, { redisMs: 0 })).kind === 'away') return false;
      this.unclaimed.delete(name);
    }
    for (const [name, args] of [...this.untold]) {
      const record = args === undefined ? undefined : (this.memory.get(name) ?? notKept(args));
      if (!(await this.inRedis.end(name, record, undefined))) return false;
      this.untold.delete(name);
    }
    return true;
  }
}
