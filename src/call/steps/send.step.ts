import { Injectable } from '@nestjs/common';
import { type RpcError, rpcErrorToOutcome, toolErrorToText, type ToolOutcome } from '@app/mcp-openapi';
import type { QuestionAnswer, QuestionMethod, ServerQuestion, UpstreamAnswer, UpstreamCall } from '@app/mcp-transport';
import { beginServerTime, endServerTime } from '../../correlation/server-time.js';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { ListedTools } from '../../discovery/callers/listed-tools.service.js';
import { isUsers } from '../../grants/granted-server.js';
import type { Upstream } from '../../mcp-client/upstream.js';
import { CallMetrics } from '../../metrics/call-metrics.js';
import { GatewayStatusTool } from '../gateway-status.tool.js';
import { shownProgress } from '../progress/shown-progress.js';
import { answerToOutcome } from '../outcome/answer-to-outcome.js';
import { toolNotFound } from '../outcome/tool-not-found.js';
import { MISSING_CAPABILITY, notAsked, notPut } from '../questions/not-asked.js';
import { noteLinkOf, noteLinksOf } from '../questions/note-links.js';
import { OpenQuestions } from '../questions/open-questions.service.js';
import { AskingCall } from '../questions/question-shares.js';
import { whileThere } from '../questions/while-there.js';
import { clientKey } from '../../throttler/client-key.js';
import { UserGrants } from '../../view/user-grants.service.js';
import type { ToolCall } from '../tool-call.js';
import { toUpstreamCall } from '../to-upstream-call.js';
import type { Outcome, ToolStep } from '../tool-step.js';

/** The last step: sends the call to its server. */
@Injectable()
export class SendStep implements ToolStep {
  constructor(
    private readonly listed: ListedTools,
    private readonly metrics: CallMetrics,
    private readonly gatewayStatus: GatewayStatusTool,
    private readonly questions: OpenQuestions,
    private readonly userGrants: UserGrants,
  ) {}

  run(call: ToolCall): Outcome {
    const { upstream } = call.entry as CatalogEntry;
    return upstream ? this.send(call, upstream) : this.gatewayStatus.run(call.view);
  }

  private async send(call: ToolCall, upstream: Upstream): Promise<ToolOutcome> {
    const { context } = call;
    const progress = call.onProgress && shownProgress(call.onProgress, upstream, call.credentials);
    const asked: Asked = { unput: undefined, whyNot: undefined, by: undefined };
    const ask: UpstreamCall['onQuestion'] = (question, signal) => this.ask(question, signal, call, upstream, asked);
    const upstreamCall = toUpstreamCall(call, upstream, progress && ((told) => progress.take(told)), ask);
    beginServerTime(context);
    const answer = await upstream.call(upstreamCall);
    progress?.end();
    endServerTime(context);
    context.retries = upstreamCall.retries ?? 0;
    context.span?.answered(errorTypeOf(answer));
    this.metrics.countRetries(upstream.name, context.retries);
    if (answer.kind === 'rpc_error') noteLinksOf(answer.error, call.asker, upstream);
    if (asked.whyNot !== undefined) return notPut((call.entry as CatalogEntry).publishedName, asked.whyNot);
    return (asked.unput && this.withoutAnswer(answer, asked.unput, call, upstream)) ?? this.toOutcome(answer, call, upstream);
  }

  /** A question goes to who made the call, as long as they are there. */
  private ask(
    question: ServerQuestion,
    signal: AbortSignal,
    call: ToolCall,
    upstream: Upstream,
    asked: Asked,
  ): Promise<QuestionAnswer | undefined> {
    const { ownSignal, asker, credentials, context, args } = call;
    call.wasAsked = true;
    asked.by ??= new AskingCall(clientKey(context), upstream.name, args.text.length);
    const put = this.questions.put(
      { ...question, params: upstream.words.withoutSecrets(question.params, credentials) },
      ownSignal.aborted ? undefined : asker,
      AbortSignal.any([signal, whileThere(ownSignal)]),
      asked.by,
    );
    asked.whyNot ??= put.whyNot;
    if (put.isPut) noteLinkOf(question, asker, upstream);
    if (!put.isPut && asked.unput !== 'elicitation/create') asked.unput = question.method;
    return put.answer;
  }

  /**
   * What became of a call whose question was put to nobody; undefined where it is told as any. A tool takes an elicitation that is declined for
   * the user's own no; one that could do without what it was refused has done what it was to do.
   */
  private withoutAnswer(answer: UpstreamAnswer, unput: QuestionMethod, call: ToolCall, upstream: Upstream): ToolOutcome | undefined {
    const { publishedName } = call.entry as CatalogEntry;
    if (answer.kind === 'rpc_error') return notAsked(publishedName);
    if (answer.kind !== 'result' || (unput !== 'elicitation/create' && answer.result.value.isError !== true)) return undefined;
    return notAsked(publishedName, upstream.words.noWithoutSecrets(answer.result, call.credentials));
  }

  private toOutcome(answer: UpstreamAnswer, call: ToolCall, upstream: Upstream): Outcome {
    const entry = call.entry as CatalogEntry;
    if (isUnansweredNeed(answer, call)) return notAsked(entry.publishedName);
    if (answer.kind === 'rpc_error') return this.judge(upstream.words.errorWithoutSecrets(answer.error, call.credentials), call, upstream);
    if (answer.kind === 'http_status' && (answer.status === 401 || answer.status === 403) && isUsers(upstream.settings))
      return this.userGrants.required(upstream, call.caller);
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

interface Asked {
  /** A question that was put to nobody; an elicitation before others. */
  unput: QuestionMethod | undefined;
  /** Why there was no room for a question. */
  whyNot: string | undefined;
  by: AskingCall | undefined;
}

/** The server needs an answer that its caller cannot give. */
function isUnansweredNeed(answer: UpstreamAnswer, { asker }: ToolCall): boolean {
  return !asker && answer.kind === 'rpc_error' && answer.error.code === MISSING_CAPABILITY;
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
