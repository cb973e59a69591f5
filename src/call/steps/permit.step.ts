import { Injectable } from '@nestjs/common';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { SecurityEvents } from '../../metrics/security-events.js';
import { toolDenied } from '../outcome/tool-denied.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/** Refuses tools that the caller's key or role may not use, before anything else is told of them. */
@Injectable()
export class PermitStep implements ToolStep {
  constructor(private readonly events: SecurityEvents) {}

  run(call: ToolCall, next: NextStep): Outcome {
    if (call.view.permits(call.entry as CatalogEntry)) return next(call);
    this.events.tell('denied_tool', call);
    return toolDenied(call.name);
  }
}
