import type { ToolOutcome } from '@app/mcp-openapi';
import type { CatalogEntry } from '../discovery/catalog-snapshot.js';
import type { Verdict } from '../throttler/call-limits.service.js';
import type { CallerView } from '../view/caller-view.js';
import type { CallRecords, Delivery } from './call-records.service.js';
import type { Freshness, Repetition, ToolCall } from './tool-call.js';

/** A call with its outcome, which its face has yet to deliver. */
export class AnsweredCall {
  constructor(
    private readonly call: ToolCall,
    readonly outcome: ToolOutcome,
    private readonly records: CallRecords,
  ) {}

  /** What is left of the limits, of the one that decided; undefined where none was asked. */
  get limits(): Verdict | undefined {
    return this.call.limits;
  }

  /** The tool; undefined where there is none of that name. */
  get entry(): CatalogEntry | undefined {
    return this.call.entry;
  }

  /** How it fared with its idempotency key; undefined without one. */
  get repetition(): Repetition | undefined {
    return this.call.repetition;
  }

  /** Whether its result is another call's; undefined where none is kept. */
  get freshness(): Freshness | undefined {
    return this.call.freshness;
  }

  /** What the caller sees; undefined for a call that ended before that was looked for. */
  get view(): CallerView | undefined {
    return this.call.view;
  }

  /**
   * To be told once, when the answer is out or cannot be delivered any more: gives the call's place back and writes its record. A face that
   * brought its call's admission does both itself, at the end of the request that it came with.
   */
  delivered(delivery: Delivery): void {
    this.records.delivered(this.call, delivery);
  }
}
