import { CLIENT_THROTTLER } from './call-storage.js';
import { MemoryStorage } from './memory.storage.js';

describe('MemoryStorage', () => {
  let ms: number;
  let storage: MemoryStorage;
  beforeEach(() => {
    ms = 0;
    storage = new MemoryStorage(5, 1, () => ms);
  });
  const hit = (key: string, limit = 3, throttler = CLIENT_THROTTLER) => storage.increment(key, 60_000, limit, 0, throttler);
  const isBlocked = async (key: string, limit?: number) => (await hit(key, limit)).isBlocked;

  it('[P3][S3] admits so many hits of a caller in any 60 seconds, and blocks nobody for longer than it takes', async () => {
    for (const at of [0, 20_000, 40_000]) {
      ms = at;
      expect(await hit('a')).toMatchObject({ isBlocked: false, timeToExpire: 60 - at / 1000 });
    }
    expect(await hit('a')).toEqual({ totalHits: 3, timeToExpire: 20, isBlocked: true, timeToBlockExpire: 20, isOfSystem: false, limit: 3 });
    ms = 59_980;
    expect(await isBlocked('a')).toBe(true);
    ms = 60_000;
    expect([await isBlocked('a'), await isBlocked('a')]).toEqual([false, true]);
  });

  it('[P3][S3] spends of both limits or of neither: who is refused costs the others nothing', async () => {
    for (let call = 0; call < 20; call += 1) await hit('a');
    expect([await isBlocked('b'), await isBlocked('b')]).toEqual([false, false]);
    // Five are spent; c has not lost one to the refusal.
    expect(await hit('c')).toMatchObject({ isBlocked: true, isOfSystem: true, totalHits: 5, timeToExpire: 60 });
    ms = 60_000;
    for (let call = 0; call < 3; call += 1) expect(await isBlocked('c')).toBe(false);
  });

  it('[P3] counts what is no call of its own for its own limit only', async () => {
    for (let call = 0; call < 10; call += 1) expect((await hit('tool:x a', 10, 'tool')).isBlocked).toBe(false);
    expect((await hit('tool:x a', 10, 'tool')).isBlocked).toBe(true);
    expect((await hit('a')).isBlocked).toBe(false);
  });

  it('[P3][E7] as one of several replicas admits its share of each limit, rounded up, and says so', async () => {
    storage = new MemoryStorage(7, 2, () => ms);
    expect([await isBlocked('a', 5), await isBlocked('a', 5), (await hit('a', 5)).limit]).toEqual([false, false, 3]);
    expect(await hit('a', 5)).toMatchObject({ isBlocked: true, isOfSystem: false, totalHits: 3, limit: 3 });
    expect([await isBlocked('b', 1), await isBlocked('b', 1)]).toEqual([false, true]);
    expect(await hit('c', 5)).toMatchObject({ isBlocked: true, isOfSystem: true, totalHits: 4, limit: 4 });
  });

  it('[P5] remembers ten thousand callers at the most, those that called last, and none for longer than a minute', async () => {
    storage = new MemoryStorage(1e9, 1, () => ms);
    await hit('first', 1);
    for (let caller = 0; caller < 9_999; caller += 1) {
      ms += 1;
      await hit(`caller-${caller}`, 2);
    }
    expect([storage.size, await isBlocked('first', 1)]).toEqual([10_000, true]);
    ms += 1_000;
    await hit('caller-0', 2);
    await hit('one-more', 1);
    expect(storage.size).toBe(10_000);
    expect(await isBlocked('caller-0', 2)).toBe(true);
    expect(await isBlocked('first', 1)).toBe(false);
    ms += 60_001;
    await hit('later');
    expect(storage.size).toBe(1);
  });
});
