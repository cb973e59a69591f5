import { collectAllGarbage } from '@app/mcp-transport';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { type FailedOutcome, overload } from '../errors/failed-outcome.js';
import { METRICS } from '../metrics/metric-names.js';
import { StateGauges } from '../metrics/state-gauges.js';
import { memoryLimit } from './memory-limit.js';

/** How often the memory is looked at. */
const LOOK_MS = 250;
/** Of the limit: beyond the first new calls are refused, until it is below the second. */
const HIGH = 0.85;
const LOW = 0.8;
/** V8 collects for those who ask for memory, and while calls are refused nobody does. */
const COLLECT_EVERY_MS = 5_000;
/** Calls in flight end meanwhile, and what they leave is collected. */
const RETRY_AFTER_S = 5;

/**
 * Whether so little is left of the memory of this process that no call more should be taken. It is told by the resident set: what a cgroup
 * counts as used holds pages of files, too, which the kernel gives back by itself.
 */
@Injectable()
export class MemoryPressure implements OnApplicationBootstrap, OnModuleDestroy {
  /** Looked at for each call: no more than a field. */
  isHigh = false;
  private readonly limit: number | undefined;
  private readonly logger = new Logger('gateway');
  private timer: NodeJS.Timeout | undefined;
  private collectedAt = -Infinity;

  constructor(@Inject(SETTINGS) { memoryLimitBytes }: Pick<Settings, 'memoryLimitBytes'>, gauges: StateGauges) {
    this.limit = memoryLimit(memoryLimitBytes);
    gauges.show(METRICS.memoryLimit, () => [{ value: this.limit ?? 0 }]);
    gauges.show(METRICS.memoryShedding, () => [{ value: Number(this.isHigh) }]);
  }

  /** Without a limit nobody looks. */
  onApplicationBootstrap(): void {
    if (this.limit !== undefined) this.timer = setInterval(() => this.note(process.memoryUsage.rss()), LOOK_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** What a new call is answered while it is high. */
  refusal(): FailedOutcome {
    const reason = `The gateway has used ${HIGH * 100} % of its memory (${this.limit} bytes); the tool did not run.`;
    return overload(reason, { limit: this.limit }, RETRY_AFTER_S);
  }

  /** So large is the resident set, in bytes. */
  note(rss: number): void {
    const isHigh = rss > (this.limit ?? Infinity) * (this.isHigh ? LOW : HIGH);
    if (isHigh !== this.isHigh) this.tell(isHigh, rss);
    this.isHigh = isHigh;
    if (isHigh) this.collect();
  }

  private tell(isHigh: boolean, rss: number): void {
    const fields = { rss_bytes: rss, limit_bytes: this.limit };
    if (isHigh) this.logger.warn({ msg: 'new calls are refused: little memory is left', ...fields });
    else this.logger.log({ msg: 'new calls are taken again: there is memory', ...fields });
  }

  private collect(): void {
    const now = performance.now();
    if (now - this.collectedAt < COLLECT_EVERY_MS) return;
    this.collectedAt = now;
    collectAllGarbage();
  }
}
