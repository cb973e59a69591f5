import type { Principal } from '../../correlation/principal.js';
import type { CallAbort } from '@app/mcp-transport';
import type { CorrelatedRequest } from '../../http/correlation.middleware.js';
import type { CallEvents } from './calls/call-events.js';
import type { Admission } from '../../throttler/admissions.service.js';

/** A request on its way through the pipeline (pipeline.ts); each part of it may rely on what those before it have set. */
export interface HttpRequest extends CorrelatedRequest {
  /** Who makes it, once that has been asked. */
  principal?: Principal;
  /** Aborted when the caller of a tool leaves. */
  leaving?: CallAbort;
  /** Of what reads lists. */
  showsStaleTools?: boolean;
  /** Of a call. */
  admission?: Admission;
  /** Of a call that is answered with events. */
  events?: CallEvents;
}
