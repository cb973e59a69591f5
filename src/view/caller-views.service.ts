import { Injectable } from '@nestjs/common';
import { mayBelong } from '@app/mcp-openapi';
import type { CallerCredentials } from '@app/mcp-transport';
import type { Caller } from '../correlation/caller.js';
import { type CallerAnswer, CallerCatalogs } from '../discovery/callers/caller-catalogs.service.js';
import { type CatalogEntry, type CatalogSnapshot, findEntry } from '../discovery/catalog-snapshot.js';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';
import type { FailedOutcome } from '../errors/failed-outcome.js';
import { isUsers } from '../grants/granted-server.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { type CallerAnswers, CallerView, type ViewSource } from './caller-view.js';
import { ForwardedCredentials, isRefused } from './forwarded-credentials.service.js';
import { PermittedCatalog } from './permitted-catalog.service.js';
import { UserGrants } from './user-grants.service.js';

/** A view, or why the caller's headers let nobody make one. */
type Made = CallerView | FailedOutcome;

/**
 * What callers see: what all see, as far as they are permitted, and the tools of servers that list them only for callers' credentials, if
 * they bring some that these take.
 */
@Injectable()
export class CallerViews implements ViewSource {
  constructor(
    private readonly catalog: ToolCatalog,
    private readonly callerCatalogs: CallerCatalogs,
    private readonly forwarded: ForwardedCredentials,
    private readonly permittedCatalog: PermittedCatalog,
    private readonly userGrants: UserGrants,
  ) {}

  /** What is known without asking any server. */
  known(caller: Caller): CallerView {
    return new CallerView(caller, this, undefined);
  }

  /** For lists, of one server alone or of all. Servers are asked whose lists are due. */
  forLists(caller: Caller, server?: string): Made | Promise<Made> {
    const { asking } = this.callerCatalogs;
    if (asking.length === 0) return this.known(caller);
    const due = asking.filter((upstream) => (server === undefined || upstream.name === server) && this.callerCatalogs.isListDue(upstream));
    return this.ask(caller, due);
  }

  /** For a call; at once for a tool that is known to all, for which nobody is asked. */
  forCall(caller: Caller, name: string, server?: string): Made | Promise<Made> {
    const { asking } = this.callerCatalogs;
    if (asking.length === 0) return this.known(caller);
    const snapshot = this.catalog.snapshot();
    const upstream = findEntry(snapshot, name, server)?.upstream;
    if (upstream) return upstream.asksCallers ? this.ask(caller, [upstream], true) : this.known(caller);
    return this.ask(caller, asking.filter(server === undefined ? mayHave(name, snapshot) : (each) => each.name === server), true);
  }

  snapshotWith(answers: CallerAnswers | undefined): CatalogSnapshot {
    if (!answers) return this.catalog.snapshot();
    const admitted = [...answers.values()].filter((answer) => answer.kind === 'admitted');
    return this.callerCatalogs.snapshotWith(admitted.map(({ catalog }) => catalog));
  }

  permitted(snapshot: CatalogSnapshot, { principal }: Caller): CatalogSnapshot {
    return this.permittedCatalog.viewOf(snapshot, principal);
  }

  permits({ principal }: Caller, entry: CatalogEntry): boolean {
    return this.permittedCatalog.permits(principal, entry);
  }

  permitsServer({ principal }: Caller, name: string): boolean {
    return this.permittedCatalog.permitsServer(principal, name);
  }

  /** A call that cannot be made for want of a grant is told where to get one. */
  private async ask(caller: Caller, upstreams: readonly Upstream[], isCall = false): Promise<Made> {
    const asked: [Upstream, CallerCredentials][] = [];
    const missing: [Upstream, CallerAnswer][] = [];
    for (const upstream of upstreams.filter(({ name }) => this.permitsServer(caller, name))) {
      const credentials = this.forwarded.of(caller, upstream);
      if (isRefused(credentials)) return credentials;
      if (credentials && (await this.userGrants.has(upstream, credentials))) asked.push([upstream, credentials]);
      else if (isUsers(upstream.settings)) missing.push([upstream, await this.userGrants.missing(upstream, caller, isCall)]);
    }
    if (asked.length + missing.length === 0) return this.known(caller);
    const answers = asked.map(async ([upstream, credentials]) => {
      const answer = await this.callerCatalogs.ask(upstream, credentials);
      const isLost = answer.kind === 'refused' && isUsers(upstream.settings);
      return [upstream, isLost ? await this.userGrants.missing(upstream, caller, isCall) : answer] as const;
    });
    return new CallerView(caller, this, new Map([...missing, ...(await Promise.all(answers))]));
  }
}

function mayHave(name: string, { naming }: CatalogSnapshot): (upstream: Upstream) => boolean {
  return (upstream) => naming === 'bare' || mayBelong(name, upstream.name);
}
