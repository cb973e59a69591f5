import { Injectable } from '@nestjs/common';
import { CallerView } from '../../../view/caller-view.js';
import { CallerViews } from '../../../view/caller-views.service.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { ToolOutcomeException } from '../failures/tool-outcome.exception.js';

/** What the caller of a request sees that reads lists. */
@Injectable()
export class RequestViews {
  constructor(private readonly views: CallerViews) {}

  /** Of one server alone, or of all. Rejects with a 400 for headers that cannot be passed on to servers that ask for them. */
  async of({ caller }: RequestOfCaller, server?: string): Promise<CallerView> {
    const view = await this.views.forLists(caller, server);
    if (view instanceof CallerView) return view;
    throw new ToolOutcomeException(view);
  }
}
