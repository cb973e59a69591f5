import type { Caller } from '../correlation/caller.js';
import type { CallerAnswer } from '../discovery/callers/caller-catalogs.service.js';
import type { CatalogEntry, CatalogSnapshot } from '../discovery/catalog-snapshot.js';
import { isStandIn } from '../discovery/gateway-status.js';
import type { FailedOutcome } from '../errors/failed-outcome.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { authorizationRequired } from './authorization-required.js';
import { credentialsRefused } from './credentials-refused.js';

/** What servers that ask callers for credentials said to one of them. */
export type CallerAnswers = ReadonlyMap<Upstream, CallerAnswer>;

/** Where a view looks. */
export interface ViewSource {
  /** The catalogue of this moment, with what these answers show besides. */
  snapshotWith(answers: CallerAnswers | undefined): CatalogSnapshot;
  /** As much of it as the caller may use. */
  permitted(snapshot: CatalogSnapshot, caller: Caller): CatalogSnapshot;
  permits(caller: Caller, entry: CatalogEntry): boolean;
  permitsServer(caller: Caller, name: string): boolean;
}

/** What one caller sees, at each moment: what is asked twice may have changed meanwhile. */
export class CallerView {
  constructor(
    readonly caller: Caller,
    private readonly source: ViewSource,
    private readonly answers: CallerAnswers | undefined,
  ) {}

  /** The catalogue as far as the caller's credentials show it, with what the caller may not use. */
  get all(): CatalogSnapshot {
    return this.source.snapshotWith(this.answers);
  }

  /** What the caller may use of it: what is denied is neither listed, nor counted, nor suggested. */
  get permitted(): CatalogSnapshot {
    return this.source.permitted(this.all, this.caller);
  }

  /** Whether it had to be waited for, or shows nothing but the stand-in for tools: of one server, or of all. */
  isMiss(server?: string): boolean {
    for (const { hasWaited } of this.answers?.values() ?? []) if (hasWaited) return true;
    return isStandIn(this.all, server);
  }

  permits(entry: CatalogEntry): boolean {
    return this.source.permits(this.caller, entry);
  }

  permitsServer(name: string): boolean {
    return this.source.permitsServer(this.caller, name);
  }

  /** The caller's own connection to a server; undefined where there is none, or none is needed. */
  connectionTo(upstream: Upstream): Upstream | undefined {
    const answer = this.answers?.get(upstream);
    return answer?.kind === 'admitted' ? answer.catalog.through : undefined;
  }

  /** Why the caller has no connection to this server; undefined where it is not the server that says no. */
  refusalBy(upstream: Upstream): FailedOutcome | undefined {
    const answer = this.answers?.get(upstream);
    if (answer?.kind !== 'refused') return undefined;
    return answer.isUsers ? authorizationRequired(upstream.name, answer.authorizeUrl) : credentialsRefused(upstream.name);
  }

  /** Why a tool that is not known may be there for others: its server refuses the caller's credentials; undefined if none does. */
  get refusal(): FailedOutcome | undefined {
    for (const [upstream] of this.answers ?? []) {
      const refusal = this.refusalBy(upstream);
      if (refusal) return refusal;
    }
    return undefined;
  }
}
