import { Injectable } from '@nestjs/common';
import type { CallSignal } from '@app/mcp-transport';
import type { RequestContext } from '../correlation/request-context.js';
import type { FailedOutcome } from '../errors/failed-outcome.js';
import { RefusalMetrics } from '../metrics/refusal-metrics.js';
import { CallLimits, type Verdict } from './call-limits.service.js';
import { CallSlots, type Slot } from './call-slots.js';
import { clientKey } from './client-key.js';
import { rateLimited } from './limit-answers.js';
import { MemoryPressure } from './memory-pressure.service.js';

/** What a call does that finds all places taken. */
export type WhenFull = 'refuse' | 'wait';

/** A call's place among those in flight, and what the limits said when they admitted it. */
export interface Admission {
  readonly slot: Slot;
  readonly limits: Verdict;
}

/** Why a call is not admitted. */
export interface Refused {
  readonly refusal: FailedOutcome;
  /** Undefined where no place was free: the limits were not asked. */
  readonly limits: Verdict | undefined;
}

/** Admits calls, each once, whatever the face, while there is memory for them: a place first, then one call of its client's and of the system's limit. */
@Injectable()
export class Admissions {
  constructor(
    private readonly slots: CallSlots,
    private readonly limits: CallLimits,
    private readonly memory: MemoryPressure,
    private readonly refusals: RefusalMetrics,
  ) {}

  /** At once where nothing has to be waited for. A call that is refused holds no place; one that finds none has spent none of its limits. */
  admit(context: RequestContext, signal: CallSignal, whenFull: WhenFull = 'refuse'): Admission | Refused | Promise<Admission | Refused> {
    if (this.memory.isHigh) return this.refuse('memory', this.memory.refusal());
    const client = clientKey(context);
    const slot = this.slots.take(client);
    if (slot) return this.spend(slot, context);
    if (whenFull === 'refuse') return this.full();
    return this.slots.wait(client, signal).then((later) => (later ? this.spend(later, context) : this.full()));
  }

  private full(): Refused {
    return this.refuse('places', this.slots.refusal());
  }

  private refuse(by: 'memory' | 'places', refusal: FailedOutcome): Refused {
    this.refusals.count(by);
    return { refusal, limits: undefined };
  }

  private spend(slot: Slot, context: RequestContext): Admission | Refused | Promise<Admission | Refused> {
    slot.context = context;
    try {
      const verdict = this.limits.spend(context);
      if (!(verdict instanceof Promise)) return judged(slot, verdict);
      return verdict.then(
        (later) => judged(slot, later),
        (error: unknown) => failed(slot, error),
      );
    } catch (error) {
      return failed(slot, error);
    }
  }
}

function failed(slot: Slot, error: unknown): never {
  slot.release();
  throw error;
}

function judged(slot: Slot, limits: Verdict): Admission | Refused {
  if (limits.isAdmitted) return { slot, limits };
  slot.release();
  return { refusal: rateLimited(limits), limits };
}
