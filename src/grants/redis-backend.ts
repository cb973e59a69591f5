import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisKeys } from '../redis/redis-keys.service.js';
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

/** Shared by replicas. What this one knows is kept in memory as well: it serves while Redis is away, and is written at its return. */
export class RedisBackend implements GrantBackend {
  private readonly own = new MemoryBackend();
  private readonly unwritten = new Set<string>();

  constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
  ) {
    redis.on('up', () => void this.writeLate());
  }

  async get(name: string): Promise<string | undefined> {
    if (this.unwritten.has(name)) return this.own.get(name);
    const found = await this.redis.inBackground(async (client) => ({ text: await client.get(this.keyOf(name)) }), 'read');
    if (!found) return this.own.get(name);
    if (found.text === null) return void (await this.own.delete(name));
    await this.own.set(name, found.text, undefined);
    return found.text;
  }

  async set(name: string, text: string, ttlMs: number | undefined): Promise<boolean> {
    await this.own.set(name, text, ttlMs);
    const written = await this.redis.inBackground((client) => client.set(this.keyOf(name), text, ttlMs === undefined ? {} : { PX: ttlMs }));
    if (written === undefined && ttlMs === undefined) this.unwritten.add(name);
    else this.unwritten.delete(name);
    return true;
  }

  async take(name: string): Promise<string | undefined> {
    const own = await this.own.take(name);
    const found = await this.redis.inBackground(async (client) => ({ text: await client.getDel(this.keyOf(name)) }));
    return found ? (found.text ?? undefined) : own;
  }

  async delete(name: string): Promise<void> {
    await this.own.delete(name);
    this.unwritten.delete(name);
    await this.redis.inBackground((client) => client.del(this.keyOf(name)));
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
    return found?.map(([key, text]) => [key.slice(prefix), text] as const) ?? this.own.all();
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

  private async writeLate(): Promise<void> {
    for (const name of [...this.unwritten]) {
      const text = await this.own.get(name);
      if (text !== undefined) await this.set(name, text, undefined);
    }
  }

  private keyOf(name: string): string {
    return this.keys.of('grants', name);
  }
}

const RENEW = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`;
const UNLOCK = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;
