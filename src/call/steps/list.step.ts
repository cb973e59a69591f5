import { Injectable } from '@nestjs/common';
import type { FailedOutcome } from '../../errors/failed-outcome.js';
import { CallerView } from '../../view/caller-view.js';
import { CallerViews } from '../../view/caller-views.service.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/** Learns what the caller sees, where the tool may be one that its server lists only for callers' credentials. */
@Injectable()
export class ListStep implements ToolStep {
  constructor(private readonly views: CallerViews) {}

  run(call: ToolCall, next: NextStep): Outcome {
    const view = this.views.forCall(call.caller, call.name, call.server);
    return view instanceof Promise ? view.then((later) => go(later, call, next)) : go(view, call, next);
  }
}

function go(view: CallerView | FailedOutcome, call: ToolCall, next: NextStep): Outcome {
  if (!(view instanceof CallerView)) return view;
  call.view = view;
  call.isCatalogMiss = view.isMiss(call.server);
  return next(call);
}
