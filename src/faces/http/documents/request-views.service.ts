import { Injectable } from '@nestjs/common';
import { Discovery } from '../../../discovery/discovery.service.js';
import { CacheMetrics } from '../../../metrics/cache-metrics.js';
import { CallerView } from '../../../view/caller-view.js';
import { CallerViews } from '../../../view/caller-views.service.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { ToolOutcomeException } from '../failures/tool-outcome.exception.js';

/** What the caller of a request sees that reads lists; counts the read, and notes on the request whether what it shows is stale. */
@Injectable()
export class RequestViews {
  constructor(
    private readonly views: CallerViews,
    private readonly discovery: Discovery,
    private readonly metrics: CacheMetrics,
  ) {}

  /** Of one server alone, or of all. Rejects with a 400 for headers that cannot be passed on to servers that ask for them. */
  async of(request: RequestOfCaller, server?: string): Promise<CallerView> {
    const view = await this.views.forLists(request.caller, server);
    if (!(view instanceof CallerView)) throw new ToolOutcomeException(view);
    this.metrics[view.isMiss(server) ? 'miss' : 'hit']('catalog');
    request.showsStaleTools = this.isStale(view, server);
    return view;
  }

  private isStale({ permitted: { servers } }: CallerView, name?: string): boolean {
    for (const server of servers.values())
      if (server.upstream && (name === undefined || server.name === name) && this.discovery.isStale(server.upstream)) return true;
    return false;
  }
}
