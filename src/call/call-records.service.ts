import { Inject, Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../config/settings.js';
import type { RequestContext } from '../correlation/request-context.js';
import { AccessLog, type LoggedFields } from '../logging/access-log.js';
import { CacheMetrics } from '../metrics/cache-metrics.js';
import { CallMetrics } from '../metrics/call-metrics.js';
import { RecentErrors } from '../metrics/recent-errors.js';
import { describeCall } from './describe-call.js';
import type { ToolCall } from './tool-call.js';

/** How the delivery of an answer ended, and what its face logs of it besides. */
export interface Delivery {
  /** Whether all of it is out; else its reader is gone. */
  readonly isWhole: boolean;
  /** The face, where it is not HTTP. */
  readonly face?: string;
}

/** The record of each call, whatever its face: one log line, its times, and how it ended. */
@Injectable()
export class CallRecords {
  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'logPayloads'>,
    private readonly metrics: CallMetrics,
    private readonly log: AccessLog,
    private readonly caches: CacheMetrics,
    private readonly errors: RecentErrors,
  ) {}

  /** The outcome is known. */
  answered(call: ToolCall, outcome: ToolOutcome): void {
    this.metrics.count(call.entry, outcome);
    this.countRead(call);
    if (outcome.kind !== 'result') call.context.errorType = 'type' in outcome ? outcome.type : outcome.kind;
    if (this.settings.logPayloads !== 'off') call.context.payloads = describeCall(call, outcome, this.settings.logPayloads);
  }

  /** The gateway failed. */
  failed(call: ToolCall): void {
    this.metrics.count(call.entry, undefined);
    this.countRead(call);
    call.context.errorType = 'internal_error';
  }

  /** Of the catalogue, if the call came so far. */
  private countRead({ view, isCatalogMiss }: ToolCall): void {
    if (view as ToolCall['view'] | undefined) this.caches[isCatalogMiss ? 'miss' : 'hit']('catalog');
  }

  /** The call is over for its caller, too: its place is free. */
  delivered(call: ToolCall, { isWhole, face }: Delivery): void {
    call.admission?.slot.release();
    this.close(call.context, 'call', { face, is_delivered: isWhole });
  }

  /** Writes the one line, notes what went wrong, and takes the times of a request, a call or not, when its answer is out or its reader gone. */
  close(context: RequestContext, msg: string, fields: LoggedFields): void {
    const times = timesOf(context);
    if (context.tool !== undefined) this.metrics.observe(context.upstream, times);
    if (context.errorType !== undefined) this.errors.note(context);
    context.span?.end(fields['method'] as string | undefined, fields['status'] as number | undefined);
    this.log.write(msg, context, times, fields);
  }
}

/** What is on its way to its server until now is the server's time. */
function timesOf({ startedAt, upstreamMs, sentAt }: RequestContext) {
  const now = performance.now();
  const ofUpstream = sentAt === undefined ? upstreamMs : (upstreamMs ?? 0) + now - sentAt;
  return { durationMs: now - startedAt, translationMs: now - startedAt - (ofUpstream ?? 0), upstreamMs: ofUpstream };
}
