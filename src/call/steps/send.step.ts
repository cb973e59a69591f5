import { Injectable } from '@nestjs/common';
import { isJsonObject, type McpTool, rpcErrorToOutcome, toolErrorToText, type ToolOutcome } from '@app/mcp-openapi';
import type { ToolSettings } from '../../config/upstream-settings.js';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { ListedTools } from '../../discovery/listed-tools.service.js';
import type { JsonRpcError, UpstreamAnswer } from '@app/mcp-transport';
import type { Upstream } from '../../mcp-client/upstream.js';
import { answerToOutcome } from '../outcome/answer-to-outcome.js';
import { GatewayStatusTool } from '../gateway-status.tool.js';
import { ForwardedCredentials } from '../../view/forwarded-credentials.service.js';
import type { ToolCall } from '../tool-call.js';
import { PermittedCatalog } from '../../view/permitted-catalog.service.js';
import { toolNotFound } from '../outcome/tool-not-found.js';
import type { ToolStep } from '../tool-step.js';

/** The last step: sends the call to its server. */
@Injectable()
export class SendStep implements ToolStep {
  constructor(
    private readonly listed: ListedTools,
    private readonly forwarded: ForwardedCredentials,
    private readonly permitted: PermittedCatalog,
    private readonly gatewayStatus: GatewayStatusTool,
  ) {}

  async run(call: ToolCall): Promise<ToolOutcome> {
    const entry = call.entry as CatalogEntry;
    if (!entry.upstream) return this.gatewayStatus.run(call.context.principal);
    call.credentials = this.forwarded.of(call, entry.upstream);
    const answer = await send(call, entry, entry.upstream);
    if (answer.kind === 'rpc_error')
      return this.judge(entry.upstream.withoutSecrets(answer.error, call.credentials), entry, entry.upstream);
    const outcome = answerToOutcome(answer, entry, entry.upstream);
    if (outcome.kind !== 'tool_error') return outcome;
    return this.doubt(
      { kind: 'tool_error', result: entry.upstream.withoutSecrets(outcome.result, call.credentials) },
      call,
      entry.upstream,
    );
  }

  /** Many servers answer an unknown tool with a result that says so, as they would a failed one. */
  private async doubt(outcome: ToolOutcome & { kind: 'tool_error' }, call: ToolCall, upstream: Upstream): Promise<ToolOutcome> {
    if (!UNKNOWN_TOOL.test(toolErrorToText(outcome.result))) return outcome;
    const entry = call.entry as CatalogEntry;
    const isListed = await this.listed.hasStill(entry, upstream);
    return isListed ? outcome : toolNotFound(entry.publishedName, this.permitted.viewFor(call.context));
  }

  /** "Invalid params" and "method not found" may mean that the tool is gone: its server is asked, once. */
  private async judge(error: JsonRpcError, entry: CatalogEntry, upstream: Upstream): Promise<ToolOutcome> {
    const toolStillListed = mayMeanUnknownTool(error) ? await this.listed.hasStill(entry, upstream) : this.listed.has(entry, upstream);
    return rpcErrorToOutcome(error, { toolStillListed });
  }
}

async function send(call: ToolCall, { tool }: CatalogEntry, upstream: Upstream): Promise<UpstreamAnswer> {
  const { args, signal, onProgress, credentials } = call;
  const sentAt = performance.now();
  const answer = await upstream.call({
    tool: tool.name,
    inputSchema: tool.inputSchema,
    args,
    signal,
    onProgress,
    credentials,
    correlationId: call.context.correlationId,
    isIdempotent: isIdempotent(tool, upstream.settings),
  });
  call.context.upstreamMs = performance.now() - sentAt;
  return answer;
}

/** Whether running it twice does no harm: its operator says so, or believes the server that does. */
function isIdempotent({ name, annotations }: McpTool, { idempotentTools, trustAnnotations }: ToolSettings): boolean {
  if (idempotentTools.length > 0 && idempotentTools.includes(name)) return true;
  return trustAnnotations && isJsonObject(annotations) && (annotations.readOnlyHint === true || annotations.idempotentHint === true);
}

/** An error that names the field that is wrong is about the arguments. */
function mayMeanUnknownTool({ code, data }: JsonRpcError): boolean {
  if (code === -32_601) return true;
  const field = (data as { field?: unknown } | null | undefined)?.field;
  return code === -32_602 && (typeof field !== 'string' || field === 'name');
}

/** In the words of the SDKs: "Unknown tool: x", "Tool x not found", with or without an error code before. */
const UNKNOWN_TOOL = /^\s*(?:MCP error -?\d+: )?(?:unknown tool\b|tool\b.{0,200}\b(?:not found|does not exist)|no such tool\b)/i;
