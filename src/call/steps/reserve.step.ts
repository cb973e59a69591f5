import { Injectable } from '@nestjs/common';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { McpClient } from '../../mcp-client/mcp-client.service.js';
import { CallSlots } from '../../throttler/call-slots.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/** Keeps the places that are left for callers who hold few from a server that holds most of the others: it would take these, too. */
@Injectable()
export class ReserveStep implements ToolStep {
  constructor(
    private readonly slots: CallSlots,
    private readonly mcpClient: McpClient,
  ) {}

  run(call: ToolCall, next: NextStep): Outcome {
    if (!call.admission?.slot.isReserved) return next(call);
    const { upstream, server } = call.entry as CatalogEntry;
    // This call is one of those in flight.
    return (upstream && this.slots.refusalFor(server, this.mcpClient.callsTo(upstream) - 1)) || next(call);
  }
}
