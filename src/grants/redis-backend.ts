import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisKeys } from '../redis/redis-keys.service.js';
import { DeferredWork } from '../redis/deferred-work.js';
import { setNewest } from '../cache/set-newest.js';
import type { Redis } from '../redis/redis.service.js';
import type { GrantBackend } from './grant-backend.js';
import { MemoryBackend } from './memory-backend.js';

const MAX_KEPT = 10_000;
/** Of a replica that has died at its work others wait no longer; one that lives says so again and again. */
const LOCK_MS = 5_000;
const RENEW_MS = 1_500;
/** Longer than a refresh takes. */
const WAIT_MS = 25_000;
const LOOK_MS = 50;
/** One command that came too late says nothing of Redis: after so many it is away. */
const MAX_FAILURES = 5;

/**
 * Shared by replicas. What this one knows is kept in memory as well: it serves while Redis is away. What could not be written or forgotten there
 * holds here all the same, and is done there later.
 */
export class RedisBackend implements GrantBackend {
  private readonly own = new MemoryBackend();
  /** By name what Redis is to have; undefined: nothing any more. */
  private readonly unwritten = new Map<string, string | undefined>();
  private readonly later: DeferredWork;

  constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
  ) {
    this.later = new DeferredWork(redis, () => this.writeLate());
  }

  async get(name: string): Promise<string | undefined> {
    if (this.unwritten.has(name)) return this.unwritten.get(name);
    const found = await this.redis.inBackground(async (client) => ({ text: await client.get(this.keyOf(name)) }), 'read');
    // It may have been set or deleted meanwhile.
    if (this.unwritten.has(name)) return this.unwritten.get(name);
    if (!found) return this.own.get(name);
    if (found.text === null) return void (await this.own.delete(name));
    await this.own.set(name, found.text, undefined);
    return found.text;
  }

  async set(name: string, text: string, ttlMs: number | undefined): Promise<void> {
    await this.own.set(name, text, ttlMs);
    if (ttlMs === undefined) await this.write(name, text);
    else {
      this.unwritten.delete(name);
      await this.redis.inBackground((client) => client.set(this.keyOf(name), text, { PX: ttlMs }));
    }
  }

  async take(name: string): Promise<string | undefined> {
    const own = await this.own.take(name);
    if (this.unwritten.has(name)) return undefined;
    const found = await this.redis.inBackground(async (client) => ({ text: await client.getDel(this.keyOf(name)) }));
    if (found) return found.text ?? undefined;
    await this.write(name, undefined);
    return own;
  }

  async delete(name: string): Promise<void> {
    await this.own.delete(name);
    await this.write(name, undefined);
  }

  async all(): Promise<(readonly [string, string])[]> {
    const found = await this.redis.inBackground(async (client) => {
      const names: string[] = [];
      for await (const key of client.scanIterator({ MATCH: `${this.keyOf('kept')}*`, COUNT: 1_000 })) {
        names.push(key);
        if (names.length >= MAX_KEPT) break;
      }
      return names.length === 0
        ? []
        : (await client.mGet(names)).flatMap((text, at) => (text === null ? [] : [[names[at] as string, text] as const]));
    }, 'read');
    const prefix = this.keyOf('').length;
    const all = new Map(found?.map(([key, text]) => [key.slice(prefix), text] as const) ?? (await this.own.all()));
    for (const [name, text] of this.unwritten) {
      if (text === undefined) all.delete(name);
      else all.set(name, text);
    }
    return [...all];
  }

  /** While Redis is away by one at a time of this replica. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.own.exclusively(name, async () => {
      const key = this.keyOf(`lock:${name}`);
      if (!(await this.locked(key))) return work();
      const say = (script: string, ...more: string[]) =>
        this.redis.inBackground((client) => client.eval(script, { keys: [key], arguments: [this.redis.replicaId, ...more] }));
      const renewing = setInterval(() => void say(RENEW, String(LOCK_MS)), RENEW_MS);
      try {
        return await work();
      } finally {
        clearInterval(renewing);
        await say(UNLOCK);
      }
    });
  }

  private async locked(key: string): Promise<boolean> {
    const end = performance.now() + WAIT_MS;
    let failures = 0;
    while (performance.now() < end) {
      const said = await this.redis.inBackground(async (client) => ({
        isMine: (await client.set(key, this.redis.replicaId, { NX: true, PX: LOCK_MS })) !== null,
      }));
      if (said?.isMine) return true;
      if (!said && (failures += 1) >= MAX_FAILURES) return false;
      await sleep(LOOK_MS);
    }
    return false;
  }

  /** Undefined forgets it. */
  private async write(name: string, text: string | undefined): Promise<void> {
    setNewest(this.unwritten, name, text, MAX_KEPT);
    if (!(await this.tryToWrite(name, text))) this.later.ask();
  }

  private async tryToWrite(name: string, text: string | undefined): Promise<boolean> {
    const key = this.keyOf(name);
    const isDone =
      (await this.redis.inBackground<unknown>((client) => (text === undefined ? client.del(key) : client.set(key, text)))) !== undefined;
    if (isDone && this.unwritten.get(name) === text) this.unwritten.delete(name);
    return isDone;
  }

  private async writeLate(): Promise<boolean> {
    for (const [name, text] of this.unwritten) if (!(await this.tryToWrite(name, text))) return false;
    return true;
  }

  private keyOf(name: string): string {
    return this.keys.of('grants', name);
  }
}

const RENEW = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`;
const UNLOCK = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;
