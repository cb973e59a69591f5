import { Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import { findEntry } from '../../discovery/catalog-snapshot.js';
import { ToolCatalog } from '../../discovery/tool-catalog.service.js';
import type { ToolCall } from '../tool-call.js';
import { McpClient } from '../../mcp-client/mcp-client.service.js';
import { PermittedCatalog } from '../permitted-catalog.service.js';
import { toolNotFound } from '../tool-not-found.js';
import type { NextStep, ToolStep } from '../tool-step.js';

/** Finds the tool in the snapshot of this moment, and keeps its server until the call has ended. */
@Injectable()
export class ResolveStep implements ToolStep {
  constructor(
    private readonly catalog: ToolCatalog,
    private readonly permitted: PermittedCatalog,
    private readonly mcpClient: McpClient,
  ) {}

  async run(call: ToolCall, next: NextStep): Promise<ToolOutcome> {
    const snapshot = this.catalog.snapshot();
    call.entry = findEntry(snapshot, call.name, call.server);
    if (!call.entry) return toolNotFound(call.name, this.permitted.viewFor(call.context.principal), call.server);
    call.context.tool = call.entry.publishedName;
    call.context.upstream = call.entry.server;
    const { upstream } = call.entry;
    return upstream ? this.mcpClient.during(upstream, next) : next();
  }
}
