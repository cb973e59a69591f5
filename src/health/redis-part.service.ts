import { Injectable } from '@nestjs/common';
import type { RedisState } from '../redis/redis-status.js';
import { Redis } from '../redis/redis.service.js';
import { isOld, toSeconds } from './age.js';
import type { HealthPart, PartStatus } from './health-report.js';

const STATUS: Readonly<Record<RedisState, PartStatus>> = {
  not_configured: 'not_configured',
  connecting: 'unknown',
  up: 'up',
  degraded: 'degraded',
  down: 'down',
};

/** Health of Redis, from what its connection knows: it asks by itself. */
@Injectable()
export class RedisPart {
  constructor(private readonly redis: Redis) {}

  part(): HealthPart {
    const { state, since, reason, checkedAt } = this.redis.status();
    if (state === 'not_configured') return { status: state };
    const ageMs = checkedAt && Date.now() - checkedAt.getTime();
    const known = {
      since: since.toISOString(),
      ...(reason !== undefined && { reason }),
      age_seconds: ageMs === undefined ? null : toSeconds(ageMs),
    };
    return { ...known, status: ageMs !== undefined && isOld(ageMs) ? 'unknown' : STATUS[state] };
  }
}
