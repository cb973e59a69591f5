import { Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { SecurityEvents } from '../../metrics/security-events.js';
import { PermittedCatalog } from '../../view/permitted-catalog.service.js';
import type { ToolCall } from '../tool-call.js';
import { toolDenied } from '../outcome/tool-denied.js';
import type { NextStep, ToolStep } from '../tool-step.js';

/** Refuses tools that the caller's key or role may not use, before anything else is told of them. */
@Injectable()
export class PermitStep implements ToolStep {
  constructor(
    private readonly permitted: PermittedCatalog,
    private readonly events: SecurityEvents,
  ) {}

  run(call: ToolCall, next: NextStep): Promise<ToolOutcome> {
    if (this.permitted.permits(call.context.principal, call.entry as CatalogEntry)) return next();
    this.events.tell('denied_tool', call);
    return Promise.resolve(toolDenied(call.name));
  }
}
