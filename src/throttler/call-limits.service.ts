import { Inject, Injectable } from '@nestjs/common';
import { InjectThrottlerStorage } from '@nestjs/throttler';
import { SETTINGS, type Settings } from '../config/settings.js';
import type { Principal } from '../correlation/principal.js';
import type { RequestContext } from '../correlation/request-context.js';
import { RefusalMetrics } from '../metrics/refusal-metrics.js';
import { SecurityEvents } from '../metrics/security-events.js';
import { clientKey } from './client-key.js';
import { type CallStorage, CLIENT_THROTTLER, type HitRecord } from './call-storage.js';
import { RepeatedRefusals } from './repeated-refusals.js';
import { WINDOW_S } from './sliding-window.js';

/** Whose limit it is: everybody's own, own by role, of all callers together, or own for one tool. */
export type LimitScope = 'client' | 'role' | 'system' | 'tool';

/** What the limits say of a call, in the figures of the one that decided. */
export interface Verdict {
  readonly isAdmitted: boolean;
  readonly scope: LimitScope;
  readonly limit: number;
  /** What all replicas admit together: more than `limit` where this one judges by its share. */
  readonly limitOfAll: number;
  readonly remaining: number;
  /** Until a call more is admitted. */
  readonly resetSeconds: number;
}

interface OwnLimit {
  readonly scope: LimitScope;
  readonly limit: number;
}

/** Counts calls, whatever the face: one for each. */
@Injectable()
export class CallLimits {
  private readonly refusals = new RepeatedRefusals();

  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'rateLimits'>,
    @InjectThrottlerStorage() private readonly storage: CallStorage,
    private readonly events: SecurityEvents,
    private readonly refused: RefusalMetrics,
  ) {}

  /** Spends one call of its caller and of the system, or, where one of them has none left, of neither. */
  spend(context: RequestContext): Verdict | Promise<Verdict> {
    const key = clientKey(context);
    return this.hit(key, this.limitOf(context.principal), CLIENT_THROTTLER, key, context);
  }

  /** Spends one of the calls that its caller may make to `tool`. */
  spendTool(context: RequestContext, tool: string, limit: number): Verdict | Promise<Verdict> {
    const key = clientKey(context);
    return this.hit(`tool:${tool} ${key}`, { scope: 'tool', limit }, 'tool', key, context);
  }

  private hit(counted: string, own: OwnLimit, throttler: string, client: string, context: RequestContext): Verdict | Promise<Verdict> {
    const hit = this.storage.hit(counted, WINDOW_S * 1000, own.limit, 0, throttler, context);
    return hit instanceof Promise ? hit.then((later) => this.judge(later, own, client, context)) : this.judge(hit, own, client, context);
  }

  private limitOf({ key, role }: Principal): OwnLimit {
    if (key?.rateLimit !== undefined) return { scope: 'client', limit: key.rateLimit };
    const { client, roles } = this.settings.rateLimits;
    const ofRole = roles.get(role);
    return ofRole === undefined ? { scope: 'client', limit: client } : { scope: 'role', limit: ofRole };
  }

  private judge(hit: HitRecord, own: OwnLimit, key: string, context: RequestContext): Verdict {
    const decided = hit.isOfSystem ? { scope: 'system' as const, limit: this.settings.rateLimits.system } : own;
    if (hit.isBlocked) this.refused.count(decided.scope);
    if (hit.isBlocked && this.refusals.isTelling(key)) this.events.tell('rate_limited', { context });
    return {
      isAdmitted: !hit.isBlocked,
      scope: decided.scope,
      limit: hit.limit,
      limitOfAll: decided.limit,
      remaining: hit.isBlocked ? 0 : Math.max(0, hit.limit - hit.totalHits),
      resetSeconds: hit.timeToExpire,
    };
  }
}
