import { Injectable } from '@nestjs/common';
import { type CatalogEntry, findEntry } from '../../discovery/catalog-snapshot.js';
import { McpClient } from '../../mcp-client/mcp-client.service.js';
import { toolNotFound } from '../outcome/tool-not-found.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/** Finds the tool in the snapshot of this moment, and keeps its server until the call has ended. */
@Injectable()
export class ResolveStep implements ToolStep {
  constructor(private readonly mcpClient: McpClient) {}

  run(call: ToolCall, next: NextStep): Outcome {
    const entry = (call.entry = find(call));
    if (!entry) return call.view.refusal ?? toolNotFound(call.name, call.view.permitted, call.server);
    call.context.tool = entry.publishedName;
    call.context.upstream = entry.server;
    return entry.upstream ? this.mcpClient.during(entry.upstream, () => next(call)) : next(call);
  }
}

/** On a connection of the caller's own, where its server asks for that. */
function find({ view, name, server }: ToolCall): CatalogEntry | undefined {
  const entry = findEntry(view.all, name, server);
  const through = entry?.upstream && view.connectionTo(entry.upstream);
  return entry && through ? { ...entry, upstream: through } : entry;
}
