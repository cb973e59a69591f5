import { Injectable } from '@nestjs/common';
import { rpcErrorToOutcome, type ToolOutcome } from '@app/mcp-openapi';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { Discovery } from '../../discovery/discovery.service.js';
import { ToolCatalog } from '../../discovery/tool-catalog.service.js';
import type { JsonRpcError, UpstreamAnswer } from '../../mcp-client/upstream-answer.js';
import type { Upstream } from '../../mcp-client/upstream.js';
import { answerToOutcome } from '../answer-to-outcome.js';
import { GatewayStatusTool } from '../gateway-status.tool.js';
import type { ToolCall } from '../tool-call.js';
import type { ToolStep } from '../tool-step.js';

/** The last step: sends the call to its server. */
@Injectable()
export class SendStep implements ToolStep {
  constructor(
    private readonly discovery: Discovery,
    private readonly catalog: ToolCatalog,
    private readonly gatewayStatus: GatewayStatusTool,
  ) {}

  async run(call: ToolCall): Promise<ToolOutcome> {
    const entry = call.entry as CatalogEntry;
    if (!entry.upstream) return this.gatewayStatus.run();
    const answer = await send(call, entry, entry.upstream);
    if (answer.kind === 'rpc_error') return this.judge(answer.error, entry, entry.upstream);
    return answerToOutcome(answer, entry, entry.upstream);
  }

  /** "Invalid params" and "method not found" may mean that the tool is gone: its server is asked, once. */
  private async judge(error: JsonRpcError, entry: CatalogEntry, upstream: Upstream): Promise<ToolOutcome> {
    if (mayMeanUnknownTool(error)) await this.discovery.refreshForUnknownTool(upstream);
    const toolStillListed = this.catalog.snapshot().entries.get(entry.publishedName)?.tool.name === entry.tool.name;
    return rpcErrorToOutcome(error, { toolStillListed });
  }
}

async function send(call: ToolCall, { tool }: CatalogEntry, upstream: Upstream): Promise<UpstreamAnswer> {
  const { args, signal, onProgress } = call;
  const sentAt = performance.now();
  const answer = await upstream.call({
    tool: tool.name,
    inputSchema: tool.inputSchema,
    args,
    signal,
    onProgress,
    correlationId: call.context.correlationId,
  });
  call.context.upstreamMs = performance.now() - sentAt;
  return answer;
}

/** An error that names the field that is wrong is about the arguments. */
function mayMeanUnknownTool({ code, data }: JsonRpcError): boolean {
  if (code === -32_601) return true;
  const field = (data as { field?: unknown } | null | undefined)?.field;
  return code === -32_602 && (typeof field !== 'string' || field === 'name');
}
