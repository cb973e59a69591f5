import { setTimeout as sleep } from 'node:timers/promises';
import type { OnModuleDestroy } from '@nestjs/common';
import type { RequestContext } from '../correlation/request-context.js';
import type { CallTracer } from './call-tracer.js';

/** Longest that the end waits for whoever takes spans. */
const FLUSH_MS = 1_000;

/** Spans of calls, where somebody takes them. */
export class Tracing implements OnModuleDestroy {
  /** Gives a call its span; undefined where nothing is traced. */
  readonly begin: ((context: RequestContext) => void) | undefined;
  private ended: Promise<unknown> | undefined;

  constructor(private readonly tracer: CallTracer | undefined) {
    this.begin = tracer && ((context) => tracer.begin(context));
  }

  /** Sends what has ended until now, as far as it is taken within a second. */
  async end(): Promise<void> {
    if (!this.tracer) return;
    this.ended ??= Promise.race([this.tracer.end(), sleep(FLUSH_MS, undefined, { ref: false })]);
    await this.ended;
  }

  /** Other modules are not kept waiting: who ends the process waits. */
  onModuleDestroy(): void {
    void this.end();
  }
}
