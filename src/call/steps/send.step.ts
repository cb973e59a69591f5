import { Injectable } from '@nestjs/common';
import { type RpcError, rpcErrorToOutcome, toolErrorToText, type ToolOutcome } from '@app/mcp-openapi';
import type { UpstreamAnswer, UpstreamCall } from '@app/mcp-transport';
import type { TraceContext } from '../../correlation/trace-context.js';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { ListedTools } from '../../discovery/listed-tools.service.js';
import type { Upstream } from '../../mcp-client/upstream.js';
import { CallMetrics } from '../../metrics/call-metrics.js';
import { GatewayStatusTool } from '../gateway-status.tool.js';
import { toCallProgress } from '../progress/call-progress.js';
import { PacedProgress } from '../progress/paced-progress.js';
import { answerToOutcome } from '../outcome/answer-to-outcome.js';
import { toolNotFound } from '../outcome/tool-not-found.js';
import type { ToolCall } from '../tool-call.js';
import type { OnProgress } from '../tool-call-request.js';
import type { Outcome, ToolStep } from '../tool-step.js';

/** The last step: sends the call to its server. */
@Injectable()
export class SendStep implements ToolStep {
  constructor(
    private readonly listed: ListedTools,
    private readonly metrics: CallMetrics,
    private readonly gatewayStatus: GatewayStatusTool,
  ) {}

  run(call: ToolCall): Outcome {
    const { upstream } = call.entry as CatalogEntry;
    return upstream ? this.send(call, upstream) : this.gatewayStatus.run(call.view);
  }

  private async send(call: ToolCall, upstream: Upstream): Promise<ToolOutcome> {
    const { context } = call;
    const progress = call.onProgress && pacedProgress(call.onProgress, call, upstream);
    const upstreamCall = toUpstreamCall(call, progress?.take, traceFor(call, upstream));
    context.sentAt = performance.now();
    const answer = await upstream.call(upstreamCall);
    progress?.end();
    context.upstreamMs = performance.now() - context.sentAt;
    context.sentAt = undefined;
    context.retries = upstreamCall.retries ?? 0;
    context.span?.answered(errorTypeOf(answer));
    this.metrics.countRetries(upstream.name, context.retries);
    return this.toOutcome(answer, call, upstream);
  }

  private toOutcome(answer: UpstreamAnswer, call: ToolCall, upstream: Upstream): Outcome {
    const entry = call.entry as CatalogEntry;
    if (answer.kind === 'rpc_error') return this.judge(upstream.words.errorWithoutSecrets(answer.error, call.credentials), call, upstream);
    const outcome = answerToOutcome(answer, entry, upstream, call.credentials);
    if (outcome.kind !== 'tool_error') return outcome;
    return this.doubt({ kind: 'tool_error', result: upstream.words.noWithoutSecrets(outcome.result, call.credentials) }, call, upstream);
  }

  /** Many servers answer an unknown tool with a result that says so, as they would a failed one. */
  private async doubt(outcome: ToolOutcome & { kind: 'tool_error' }, call: ToolCall, upstream: Upstream): Promise<ToolOutcome> {
    if (!UNKNOWN_TOOL.test(toolErrorToText(outcome.result))) return outcome;
    const entry = call.entry as CatalogEntry;
    const isListed = await this.isStillListed(call, upstream);
    return isListed ? outcome : toolNotFound(entry.publishedName, call.view.permitted);
  }

  /** "Invalid params" and "method not found" may mean that the tool is gone: its server is asked, once. */
  private async judge(error: RpcError, call: ToolCall, upstream: Upstream): Promise<ToolOutcome> {
    const toolStillListed = mayMeanUnknownTool(error)
      ? await this.isStillListed(call, upstream)
      : this.listed.has(call.entry as CatalogEntry, upstream);
    return rpcErrorToOutcome(error, { toolStillListed });
  }

  /** In a list not older than a second. */
  private async isStillListed(call: ToolCall, upstream: Upstream): Promise<boolean> {
    const listing = this.listed.refresh(upstream);
    if (listing) call.isCatalogMiss = true;
    await listing;
    return this.listed.has(call.entry as CatalogEntry, upstream);
  }
}

/** What the server reports of the call, as it may be told. */
function pacedProgress(tell: OnProgress, { credentials }: ToolCall, { words }: Upstream): PacedProgress<Notification> {
  return new PacedProgress((params) => {
    const progress = toCallProgress(params, (message) => words.remark(message, credentials));
    if (progress) tell(progress);
  });
}

type Notification = Readonly<Record<string, unknown>>;

function toUpstreamCall(
  { entry, args, signal, credentials, context, traits }: ToolCall,
  onProgress: UpstreamCall['onProgress'],
  trace: TraceContext | undefined,
): UpstreamCall {
  const { tool } = entry as CatalogEntry;
  return {
    tool: tool.name,
    inputSchema: tool.inputSchema,
    args,
    signal,
    onProgress,
    credentials,
    correlationId: context.correlationId,
    trace,
    isIdempotent: traits.mayRepeat,
  };
}

/** What its server is told of the trace that a call belongs to: its caller's own, where the gateway has no part in it. */
function traceFor({ context, entry }: ToolCall, { name, settings }: Upstream): TraceContext | undefined {
  if (!context.span) return context.trace;
  const { tool } = entry as CatalogEntry;
  return context.span.sent({ server: name, tool: tool.name, url: settings.kind === 'http' ? settings.url : undefined });
}

/** As the semantic conventions for MCP have `error.type`: the code of a JSON-RPC error, `tool_error` for a tool's own no. */
function errorTypeOf(answer: UpstreamAnswer): string | undefined {
  if (answer.kind === 'result') return answer.result.value.isError === true ? 'tool_error' : undefined;
  return answer.kind === 'rpc_error' ? String(answer.error.code) : answer.kind;
}

/** An error that names the field that is wrong is about the arguments. */
function mayMeanUnknownTool({ code, data }: RpcError): boolean {
  if (code === -32_601) return true;
  const field = (data as { field?: unknown } | null | undefined)?.field;
  return code === -32_602 && (typeof field !== 'string' || field === 'name');
}

/** In the words of the SDKs: "Unknown tool: x", "Tool x not found", with or without an error code before. */
const UNKNOWN_TOOL = /^\s*(?:MCP error -?\d+: )?(?:unknown tool\b|tool\b.{0,200}\b(?:not found|does not exist)|no such tool\b)/i;
