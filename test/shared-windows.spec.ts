import fc from 'fast-check';
import type { RedisClient } from '../src/redis/redis-connection.js';
import { CLIENT_THROTTLER } from '../src/throttler/call-storage.js';
import { MemoryStorage } from '../src/throttler/memory.storage.js';
import { type Spent, spend } from '../src/throttler/shared-windows.js';
import { slotAt } from '../src/throttler/sliding-window.js';
import { RedisServer } from './support/redis/redis-server.ts';

const SYSTEM = { key: 'system', limit: 6 };
const LIMITS = { client: 4, tool: 3 } as const;

/** A hit so many milliseconds after the one before. */
interface LaterHit {
  readonly afterMs: number;
  readonly key: string;
  readonly of: keyof typeof LIMITS;
}

describe('windows in Redis', () => {
  let server: RedisServer;
  let client: RedisClient;
  beforeAll(async () => {
    server = await RedisServer.start();
    client = await server.client();
  });
  afterAll(() => server.stop());
  beforeEach(() => server.run('FLUSHALL'));

  const hit = (key: string, limit: number, at?: number) => spend(client, [{ key, limit }], at);
  const entries = (key: string) => server.run('LRANGE', key, '0', '-1');

  it('[P3][S3] admit, refuse and tell what the memory of one process does, whatever comes when', async () => {
    const hits = fc.record<LaterHit>({
      afterMs: fc.oneof(fc.nat(30), fc.nat(5_000), fc.integer({ min: 59_900, max: 60_100 })),
      key: fc.constantFrom('a', 'b', 'c'),
      of: fc.constantFrom('client', 'client', 'tool'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(hits, { maxLength: 40 }), async (sequence) => {
        await server.run('FLUSHALL');
        let ms = 1_000_000;
        const memory = new MemoryStorage(SYSTEM.limit, 1, () => ms);
        for (const { afterMs, key, of } of sequence) {
          ms += afterMs;
          const own = { key: `${of} ${key}`, limit: LIMITS[of] };
          const spent = await spend(client, of === 'client' ? [own, SYSTEM] : [own], slotAt(ms));
          const expected = memory.hit(own.key, 60_000, own.limit, 0, of === 'client' ? CLIENT_THROTTLER : of);
          expect(recordOf(spent as Spent)).toEqual({ ...expected, limit: undefined });
        }
      }),
      { numRuns: 150 },
    );
  });

  it('[P3] spend nothing of the first where the second is full or is no window', async () => {
    const [mine, full, none] = [
      { key: 'mine', limit: 3 },
      { key: 'full', limit: 1 },
      { key: 'none', limit: 9 },
    ];
    await spend(client, [full]);
    await server.run('SET', none.key, 'no list');
    expect((await spend(client, [mine, full]))?.refusedBy).toBe(full);
    await expect(spend(client, [mine, none])).rejects.toThrow('WRONGTYPE');
    expect(await spend(client, [mine])).toEqual({ refusedBy: undefined, hits: 1, secondsToNext: 60 });
  });

  it("[S3] go by Redis' time", async () => {
    const [seconds] = (await server.run('TIME')) as string[];
    await hit('a', 1);
    const [entry] = (await entries('a')) as string[];
    expect(entry).toMatch(/^\d+ 0 1$/);
    expect(Math.abs(parseInt(entry as string) / 100 - Number(seconds))).toBeLessThan(60);
    expect((await hit('a', 1))?.refusedBy).toEqual({ key: 'a', limit: 1 });
  });

  it('[P5] hold one entry for each hundredth of a second of a minute, and vanish a minute after the last', async () => {
    await Promise.all(Array.from({ length: 13_000 }, (_, at) => hit('a', 1e9, Math.floor(at / 2))));
    expect(await server.run('LLEN', 'a')).toBe(6_000);
    expect((await hit('a', 1e9, 6_500))?.hits).toBe(11_999);
    const ttl = await server.run('PTTL', 'a');
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(60_000);
  });

  it('[P5][S3] are not written for who is refused', async () => {
    for (let times = 0; times < 3; times += 1) await hit('a', 3, 100 + times);
    const before = await entries('a');
    for (let times = 0; times < 20; times += 1) expect((await hit('a', 3, 200 + times))?.hits).toBe(3);
    expect(await entries('a')).toEqual(before);
    await spend(
      client,
      [
        { key: 'b', limit: 9 },
        { key: 'a', limit: 3 },
      ],
      300,
    );
    expect(await server.run('KEYS', '*')).toEqual(['a']);
  });

  it('[S3] do not stand still for longer than a minute where the clock was set back', async () => {
    await hit('a', 1, 1_000_000);
    expect((await hit('a', 1, 997_000))?.refusedBy).toBeDefined();
    expect((await hit('a', 1, 994_000))?.refusedBy).toBeUndefined();
  });

  it('[E7] are counted by a Redis that has forgotten the script', async () => {
    await hit('a', 9);
    await server.run('SCRIPT', 'FLUSH');
    expect((await hit('a', 9))?.hits).toBe(2);
  });

  it('[E7] that hold something else answer nothing that would be believed', async () => {
    await server.run('RPUSH', 'a', 'garbage');
    await expect(hit('a', 9)).rejects.toThrow();
    const [seconds] = (await server.run('TIME')) as string[];
    await server.run('RPUSH', 'b', `${Number(seconds) * 100} 5 3`);
    expect(await hit('b', 9)).toBeUndefined();
  });
});

function recordOf({ refusedBy, hits, secondsToNext }: Spent) {
  return {
    totalHits: hits,
    timeToExpire: secondsToNext,
    isBlocked: refusedBy !== undefined,
    timeToBlockExpire: refusedBy ? secondsToNext : 0,
    isOfSystem: refusedBy === SYSTEM,
    limit: undefined,
  };
}
