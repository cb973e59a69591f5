import type { CallerCredentials, CallSignal } from '@app/mcp-transport';
import type { Caller } from '../correlation/caller.js';
import type { RequestContext } from '../correlation/request-context.js';
import type { CatalogEntry } from '../discovery/catalog-snapshot.js';
import type { Admission, WhenFull } from '../throttler/admissions.service.js';
import type { Verdict } from '../throttler/call-limits.service.js';
import type { CallerView } from '../view/caller-view.js';
import type { CallArguments, GivenArguments, OnProgress, ToolCallRequest } from './tool-call-request.js';
import type { ToolTraits } from './tool-traits.js';

/** One tool call on its way through the steps; each may rely on what those before it have set. */
export class ToolCall {
  readonly name: string;
  readonly server: string | undefined;
  readonly caller: Caller;
  readonly context: RequestContext;
  readonly signal: CallSignal;
  readonly onProgress: OnProgress | undefined;
  readonly whenFull: WhenFull | undefined;
  /** As the caller sent them. */
  readonly given: GivenArguments;
  /** Set by the admission step, if the face has not brought one. */
  admission: Admission | undefined;
  /** What is left of the limits: of the one that decided. */
  limits: Verdict | undefined;
  /** Set by the list step. */
  view!: CallerView;
  /** Set by the resolve step; it stays undefined for a name that no tool has. */
  entry: CatalogEntry | undefined;
  /** Set by the arguments step: as the tool means them. */
  args!: CallArguments;
  /** Set by the credentials step: what its server gets of the caller; undefined if nothing. */
  credentials: CallerCredentials | undefined;
  /** Set by the credentials step: what is known of its tool. */
  traits!: ToolTraits;

  constructor(request: ToolCallRequest) {
    this.name = request.name;
    this.server = request.server;
    this.caller = request.caller;
    this.context = request.context;
    this.signal = request.signal;
    this.onProgress = request.onProgress;
    this.whenFull = request.whenFull;
    this.given = request.args;
    this.admission = request.admission;
    this.limits = request.admission?.limits;
    this.entry = undefined;
    this.credentials = undefined;
  }
}
