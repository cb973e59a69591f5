import { Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import { type CatalogEntry, findEntry } from '../../discovery/catalog-snapshot.js';
import type { ToolCall } from '../tool-call.js';
import { McpClient } from '../../mcp-client/mcp-client.service.js';
import { CallersLists } from '../../view/callers-lists.service.js';
import { PermittedCatalog } from '../../view/permitted-catalog.service.js';
import { toolNotFound } from '../outcome/tool-not-found.js';
import type { NextStep, ToolStep } from '../tool-step.js';

/** Finds the tool in the snapshot of this moment, and keeps its server until the call has ended. */
@Injectable()
export class ResolveStep implements ToolStep {
  constructor(
    private readonly lists: CallersLists,
    private readonly permitted: PermittedCatalog,
    private readonly mcpClient: McpClient,
  ) {}

  async run(call: ToolCall, next: NextStep): Promise<ToolOutcome> {
    call.entry = this.find(call);
    if (!call.entry) return this.lists.refusalOf(call) ?? toolNotFound(call.name, this.permitted.viewFor(call.context), call.server);
    call.context.tool = call.entry.publishedName;
    call.context.upstream = call.entry.server;
    const { upstream } = call.entry;
    return upstream ? this.mcpClient.during(upstream, next) : next();
  }

  /** On a connection of the caller's own, where its server asks for that. */
  private find({ context, name, server }: ToolCall): CatalogEntry | undefined {
    const entry = findEntry(this.lists.snapshotFor(context), name, server);
    const through = entry?.upstream && this.lists.connectionTo(entry.upstream, context);
    return entry && through ? { ...entry, upstream: through } : entry;
  }
}
