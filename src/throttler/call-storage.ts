import type { ThrottlerStorage } from '@nestjs/throttler';
import type { Waiting } from '../redis/redis.service.js';

type Record = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** What became of a hit. The figures are those of the limit that decided: the one that is exceeded, else the caller's own. */
export interface HitRecord extends Record {
  /** Whether that is the limit of all callers together. */
  readonly isOfSystem: boolean;
  /** How many hits it admitted to the window: fewer than it allows where this replica judged by its share. */
  readonly limit: number;
}

/** The throttler whose hits count for the whole system as well. */
export const CLIENT_THROTTLER = 'default';

/** A hit as the throttler's storages are told of it: key, milliseconds of the window, limit, milliseconds of a block, name of the throttler. */
export type Hit = Parameters<ThrottlerStorage['increment']>;

/** A storage that judges a caller's hit by both limits at once, and counts it in both or in none. */
export interface CallStorage extends ThrottlerStorage {
  increment(...hit: Hit): Promise<HitRecord>;
  /** The same, at once where the storage need not wait; where it must, it is on the account of the request that is `waiting`. */
  hit(...hit: [...hit: Hit, waiting?: Waiting]): HitRecord | Promise<HitRecord>;
}

/** A call that is let pass; the time in seconds. */
export function admittedHit(limit: number, totalHits: number, timeToExpire: number): HitRecord {
  return { totalHits, timeToExpire, isBlocked: false, timeToBlockExpire: 0, isOfSystem: false, limit };
}

/** A call that is not, `isOfSystem` by the limit of all. */
export function refusedHit(limit: number, totalHits: number, timeToExpire: number, isOfSystem: boolean): HitRecord {
  return { totalHits, timeToExpire, isBlocked: true, timeToBlockExpire: timeToExpire, isOfSystem, limit };
}
