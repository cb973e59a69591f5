import { Injectable } from '@nestjs/common';
import { isJsonObject, type McpTool, perTool, plainText, uniqueMemberText } from '@app/mcp-openapi';
import { asksForParamHeaders } from '@app/mcp-transport';
import { ToolCallService } from '../../../call/tool-call.service.js';
import type { CallArguments } from '../../../call/tool-call-request.js';
import { hasOpenWebUiHeader } from '../../../correlation/open-webui-header.js';
import { type CatalogEntry, findEntry } from '../../../discovery/catalog-snapshot.js';
import { Admissions } from '../../../throttler/admissions.service.js';
import { limitHeaders } from '../../../throttler/limit-answers.js';
import { CallerViews } from '../../../view/caller-views.service.js';
import { ListReplies } from '../lists/list-reply.js';
import type { Item } from '../lists/page.js';
import type { Exchange } from '../rpc/exchange.js';
import { callWishes } from './call-wishes.js';
import { paramHeaderProblem } from '../rpc/request-headers.js';
import { invalidParams, type Reply, RpcFailed } from '../rpc/rpc.js';
import { tellLog, tellProgress, tokenOf } from '../upstream/asked-servers.service.js';
import { askerOf } from '../upstream/asker-of.js';
import { outcomeToReply } from '../upstream/outcome-to-reply.js';
import { isThere, VisibleServers } from '../upstream/visible-servers.service.js';
import { hasLinks, withTextOfLinks } from '../upstream/with-text-of-links.js';

const MAX_DESCRIPTION = 64 * 1024;
const NO_ARGUMENTS: CallArguments = { text: '{}', value: {} };

/** `tools/list` and `tools/call`. */
@Injectable()
export class ToolMethods {
  /** A tool as its server lists it, but for its name, which differs from list to list. */
  private readonly restOf = perTool<McpTool, string>(({ name: _, description, ...rest }) => {
    const clean = typeof description === 'string' ? { description: plainText(description, MAX_DESCRIPTION) } : {};
    return JSON.stringify({ ...clean, ...rest }).slice(1);
  });
  private readonly asksForHeaders = perTool<McpTool, boolean>(({ inputSchema }) => asksForParamHeaders(inputSchema));

  constructor(
    private readonly servers: VisibleServers,
    private readonly views: CallerViews,
    private readonly calls: ToolCallService,
    private readonly admissions: Admissions,
    private readonly lists: ListReplies,
  ) {}

  /** The tools of servers that are there. */
  async list({ caller, server, request, client }: Exchange): Promise<Reply> {
    const { permitted } = await this.servers.view(caller, server);
    const entries = server === undefined ? permitted.entries : (permitted.servers.get(server)?.entries ?? new Map<string, CatalogEntry>());
    return this.lists.page('tools', this.items(entries), request.params['cursor'], client);
  }

  async call(exchange: Exchange): Promise<Reply> {
    const { request, context, signal, client, caller, server } = exchange;
    const { name } = request.params;
    if (typeof name !== 'string') throw invalidParams('Invalid params: name is required');
    const args = argumentsOf(request);
    const wishes = callWishes(exchange);
    if (client.era === 'modern') this.checkHeaders(name, args, exchange);
    const admitted = this.admissions.admit(context, signal);
    const admission = admitted instanceof Promise ? await admitted : admitted;
    if (admission.limits) exchange.answerHeaders = limitHeaders(admission.limits);
    if ('refusal' in admission) {
      context.errorType = 'type' in admission.refusal ? admission.refusal.type : admission.refusal.kind;
      return outcomeToReply(admission.refusal, client, context.correlationId);
    }
    try {
      const answered = await this.calls.call({
        name,
        server,
        args,
        caller,
        context,
        signal,
        admission,
        ...wishes,
        onProgress: tokenOf(request.params) === undefined ? undefined : (progress) => tellProgress(exchange, { ...progress }),
        onLog: client.logLevel && ((params) => tellLog(exchange, params)),
        asker: askerOf(exchange),
      });
      const { outcome, repetition, limits } = answered;
      // One of the tool alone.
      if (limits && limits !== admission.limits) exchange.answerHeaders = limitHeaders(limits);
      if (repetition?.isReplayed) exchange.answerHeaders = { ...exchange.answerHeaders, 'Idempotent-Replayed': 'true' };
      const isTold = 'result' in outcome && hasLinks(outcome.result) && hasOpenWebUiHeader(caller.headers);
      const told = isTold ? { ...outcome, result: withTextOfLinks(outcome.result) } : outcome;
      return outcomeToReply(told, client, context.correlationId);
    } finally {
      admission.slot.release();
    }
  }

  private *items(entries: ReadonlyMap<string, CatalogEntry>): Iterable<Item> {
    for (const [name, { tool, upstream }] of entries)
      if (!upstream || isThere(upstream)) yield { key: name, text: () => `{"name":${JSON.stringify(name)},${this.restOf(tool)}` };
  }

  private checkHeaders(name: string, args: CallArguments, { caller, server, headers }: Exchange): void {
    const entry = headers && findEntry(this.views.known(caller).permitted, name, server);
    if (!entry || !this.asksForHeaders(entry.tool)) return;
    const problem = paramHeaderProblem(entry.tool.inputSchema, args.value, headers);
    if (problem) throw new RpcFailed(problem);
  }
}

function argumentsOf({ params, text }: Exchange['request']): CallArguments {
  const value = params['arguments'];
  if (value === undefined) return NO_ARGUMENTS;
  if (!isJsonObject(value)) throw invalidParams('Invalid params: arguments must be an object');
  return { value, text: uniqueMemberText(text, 'params', 'arguments') ?? '{}' };
}
