import type { CallerCredentials, CallSignal } from '@app/mcp-transport';
import type { Caller } from '../correlation/caller.js';
import type { RequestContext } from '../correlation/request-context.js';
import type { CatalogEntry } from '../discovery/catalog-snapshot.js';
import type { Admission, WhenFull } from '../throttler/admissions.service.js';
import type { Verdict } from '../throttler/call-limits.service.js';
import type { CallerView } from '../view/caller-view.js';
import type { Asker } from './questions/asker.js';
import type { CallArguments, GivenArguments, OnProgress, ToolCallRequest } from './tool-call-request.js';
import type { ToolTraits } from './tool-traits.js';

/** How a call with an idempotency key fared. */
export interface Repetition {
  /** It was made before, or is being made: this is the outcome of that. */
  readonly isReplayed: boolean;
  /** This replica alone decided, though there are others. */
  readonly isLocal: boolean;
}

/** Whether a result is another call's, and how old. */
export interface Freshness {
  readonly cache: 'hit' | 'miss' | 'stale';
  /** Whole seconds; undefined for a miss. */
  readonly ageSeconds: number | undefined;
}

/** One tool call on its way through the steps; each may rely on what those before it have set. */
export class ToolCall {
  readonly name: string;
  readonly server: string | undefined;
  readonly caller: Caller;
  readonly context: RequestContext;
  /** That of all who wait for it, once it is shared; so is what it reports. */
  signal: CallSignal;
  onProgress: OnProgress | undefined;
  /** That of who makes it, also where others wait for it, too. */
  readonly ownSignal: CallSignal;
  readonly onLog: ToolCallRequest['onLog'];
  readonly asker: Asker | undefined;
  /** Its server has asked something: its outcome is for nobody else. */
  wasAsked = false;
  readonly idempotencyKey: string | undefined;
  readonly wantsFresh: boolean;
  readonly whenFull: WhenFull | undefined;
  readonly onAdmitted: (() => void) | undefined;
  /** As the caller sent them. */
  readonly given: GivenArguments;
  /** Set by the admission step, if the face has not brought one. */
  admission: Admission | undefined;
  /** What is left of the limits: of the one that decided. */
  limits: Verdict | undefined;
  /** Set by the list step. */
  view!: CallerView;
  /** Whether it waited for a list of tools, or there was none. */
  isCatalogMiss: boolean;
  /** Set by the resolve step; it stays undefined for a name that no tool has. */
  entry: CatalogEntry | undefined;
  /** Set by the arguments step: as the tool means them. */
  args!: CallArguments;
  /** Set by the credentials step: what its server gets of the caller; undefined if nothing. */
  credentials: CallerCredentials | undefined;
  /** Set by the credentials step: what is known of its tool. */
  traits!: ToolTraits;
  /** Set by the idempotency step, where the caller gave a key and it decided. */
  repetition: Repetition | undefined;
  /** Set by the cache step, where results of the tool are kept. */
  freshness: Freshness | undefined;

  constructor(request: ToolCallRequest) {
    this.name = request.name;
    this.server = request.server;
    this.caller = request.caller;
    this.context = request.context;
    this.signal = request.signal;
    this.onProgress = request.onProgress;
    this.ownSignal = request.signal;
    this.onLog = request.onLog;
    this.asker = request.asker;
    this.whenFull = request.whenFull;
    this.onAdmitted = request.onAdmitted;
    this.idempotencyKey = request.idempotencyKey;
    this.wantsFresh = request.wantsFresh ?? false;
    this.given = request.args;
    this.admission = request.admission;
    this.limits = request.admission?.limits;
    this.isCatalogMiss = false;
    this.entry = undefined;
    this.credentials = undefined;
    this.repetition = undefined;
    this.freshness = undefined;
  }
}
