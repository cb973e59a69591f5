import { Injectable } from '@nestjs/common';
import { mayBelong } from '@app/mcp-openapi';
import { Permissions } from '../auth/permissions.js';
import type { RequestContext } from '../correlation/request-context.js';
import { type CallerAnswer, CallerCatalogs } from '../discovery/caller-catalogs.service.js';
import { type CatalogSnapshot, findEntry } from '../discovery/catalog-snapshot.js';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';
import type { FailedOutcome } from '../errors/failed-outcome.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { credentialsRefused } from './credentials-refused.js';
import { type Comer, ForwardedCredentials } from './forwarded-credentials.service.js';

type Answers = ReadonlyMap<Upstream, CallerAnswer>;

/**
 * What a request may see besides what all see: the tools of servers that list them only for callers' credentials, if it brings some that
 * they take. Learnt once for each request, before anything of the catalogue is read for it.
 */
@Injectable()
export class CallersLists {
  private readonly learnt = new WeakMap<RequestContext, Answers>();

  constructor(
    private readonly catalog: ToolCatalog,
    private readonly callerCatalogs: CallerCatalogs,
    private readonly forwarded: ForwardedCredentials,
    private readonly permissions: Permissions,
  ) {}

  /** For a request that reads lists, of one server alone or of all. Rejects with a 400 for headers that cannot be passed on. */
  async learn(comer: Comer, server?: string): Promise<void> {
    const { asking } = this.callerCatalogs;
    if (asking.length === 0) return;
    const due = asking.filter((upstream) => this.callerCatalogs.isListDue(upstream));
    await this.ask(
      comer,
      due.filter(({ name }) => server === undefined || name === server),
    );
  }

  /** For a call: what is known of the tool to all is asked of nobody. Rejects with a 400 for headers that cannot be passed on. */
  async learnFor(name: string, comer: Comer, server?: string): Promise<void> {
    const snapshot = this.catalog.snapshot();
    const entry = findEntry(snapshot, name, server);
    if (entry?.upstream && !entry.upstream.asksCallers) return;
    const { asking } = this.callerCatalogs;
    const isConcerned = (upstream: Upstream): boolean => {
      if (entry?.upstream) return entry.upstream === upstream;
      if (server !== undefined) return upstream.name === server;
      return snapshot.naming === 'bare' || mayBelong(name, upstream.name);
    };
    if (asking.length > 0) await this.ask(comer, asking.filter(isConcerned));
  }

  /** The catalogue as far as the request's credentials show it. */
  snapshotFor(context: RequestContext): CatalogSnapshot {
    const answers = this.learnt.get(context);
    if (!answers) return this.catalog.snapshot();
    const admitted = [...answers.values()].filter((answer) => answer.kind === 'admitted');
    return this.callerCatalogs.snapshotWith(admitted.map(({ catalog }) => catalog));
  }

  /** The caller's own; undefined where there is none, or none is needed. */
  connectionTo(upstream: Upstream, context: RequestContext): Upstream | undefined {
    const answer = this.learnt.get(context)?.get(upstream);
    return answer?.kind === 'admitted' ? answer.catalog.through : undefined;
  }

  /** Why a tool that is not known may be there for others: its server refuses the credentials; undefined if none does. */
  refusalOf({ context }: Comer): FailedOutcome | undefined {
    for (const [{ name }, answer] of this.learnt.get(context) ?? []) if (answer.kind === 'refused') return credentialsRefused(name);
    return undefined;
  }

  private async ask(comer: Comer, upstreams: readonly Upstream[]): Promise<void> {
    const { context } = comer;
    const permissions = this.permissions.of(context.principal);
    const asked = upstreams
      .filter(({ name }) => permissions?.permitsServer(name) ?? true)
      .flatMap((upstream) => {
        const credentials = this.forwarded.of(comer, upstream);
        return credentials ? [{ upstream, credentials }] : [];
      });
    if (asked.length === 0) return;
    const answers = asked.map(async ({ upstream, credentials }) => {
      return [upstream, await this.callerCatalogs.ask(upstream, credentials)] as const;
    });
    this.learnt.set(context, new Map(await Promise.all(answers)));
  }
}
