import { Injectable } from '@nestjs/common';
import { isJsonObject, type JsonObject, type RpcError } from '@app/mcp-openapi';
import type { UpstreamAnswer, UpstreamRequest } from '@app/mcp-transport';
import { answerToOutcome } from '../../../call/outcome/answer-to-outcome.js';
import { shownProgress } from '../../../call/progress/shown-progress.js';
import { OpenQuestions } from '../../../call/questions/open-questions.service.js';
import { pacedLogs } from '../../../call/questions/paced-logs.js';
import { beginServerTime, endServerTime } from '../../../correlation/server-time.js';
import type { FailedOutcome } from '../../../errors/failed-outcome.js';
import type { CatalogEntry } from '../../../discovery/catalog-snapshot.js';
import { McpClient } from '../../../mcp-client/mcp-client.service.js';
import { Admissions } from '../../../throttler/admissions.service.js';
import { limitHeaders } from '../../../throttler/limit-answers.js';
import { ForwardedCredentials, isRefused } from '../../../view/forwarded-credentials.service.js';
import type { ClientTraits } from '../rpc/client-traits.js';
import type { Exchange } from '../rpc/exchange.js';
import { isHeard } from '../rpc/log-level.js';
import { CODE, type Reply } from '../rpc/rpc.js';
import { failedToRpc, resultText } from './outcome-to-reply.js';
import { RequestQuestions } from './request-questions.js';
import { toUpstreamRequest } from './to-upstream-request.js';
import type { VisibleServer } from './visible-servers.service.js';

/** How a request to a server is made. */
interface Asking {
  /** It counts against the limits, and takes a place, as a call does. */
  readonly isCounted?: boolean;
  /** Members that a result has for clients since 2026-07-28 unless its server says something else. */
  readonly hints?: JsonObject;
}

/** Puts requests of clients other than calls to their servers, in the sessions that calls go on. */
@Injectable()
export class AskedServers {
  constructor(
    private readonly admissions: Admissions,
    private readonly forwarded: ForwardedCredentials,
    private readonly mcpClient: McpClient,
    private readonly questions: OpenQuestions,
  ) {}

  /** What the server answers, untouched. Never rejects for what a caller, a server or a limit can do. */
  async ask({ name, upstream }: VisibleServer, request: UpstreamRequest, exchange: Exchange, how: Asking = {}): Promise<Reply> {
    const { context, signal } = exchange;
    if (!how.isCounted) return this.send({ name, upstream }, request, exchange, how);
    const admitted = await this.admissions.admit(context, signal);
    if (admitted.limits) exchange.answerHeaders = limitHeaders(admitted.limits);
    if ('refusal' in admitted) return this.failed(admitted.refusal, exchange);
    admitted.slot.start();
    try {
      return await this.send({ name, upstream }, request, exchange, how);
    } finally {
      admitted.slot.release();
    }
  }

  private async send({ name, upstream }: VisibleServer, request: UpstreamRequest, exchange: Exchange, how: Asking): Promise<Reply> {
    const { caller, context, signal, client } = exchange;
    const credentials = this.forwarded.of(caller, upstream);
    if (isRefused(credentials)) return this.failed(credentials, exchange);
    context.upstream = name;
    const { words } = upstream;
    const clean = (said: JsonObject) => words.withoutSecrets(said, credentials);
    const questions = new RequestQuestions(this.questions, exchange, upstream);
    const isReported = tokenOf(exchange.request.params) !== undefined;
    const progress = isReported ? shownProgress((told) => tellProgress(exchange, { ...told }), upstream, credentials) : undefined;
    const logs = client.logLevel && pacedLogs((params) => tellLog(exchange, clean(params)));
    const asked = toUpstreamRequest(request, {
      signal,
      credentials,
      correlationId: context.correlationId,
      isIdempotent: true,
      onProgress: progress && ((told) => progress.take(told)),
      onLog: logs,
      onQuestion: (question, withdrawn) => questions.put({ ...question, params: clean(question.params) }, withdrawn),
      capabilities: client.capabilities,
    });
    beginServerTime(context);
    const answer = await this.mcpClient.during(upstream, () => upstream.call(asked));
    progress?.end();
    endServerTime(context);
    if (answer.kind === 'rpc_error') questions.noteLinks(answer.error);
    if (questions.whyNot !== undefined) return notPut(questions.whyNot, exchange);
    return this.toReply(answer, request.method, { name, upstream }, exchange, how);
  }

  private toReply(answer: UpstreamAnswer, method: string, server: VisibleServer, exchange: Exchange, { hints }: Asking): Reply {
    const { name, upstream } = server;
    const credentials = this.forwarded.of(exchange.caller, upstream);
    const own = isRefused(credentials) ? undefined : credentials;
    if (answer.kind === 'result') {
      const isPrivate = own !== undefined || upstream.caller !== undefined;
      return { result: resultText(answer.result, exchange.client, { ...hints, ...(hints && isPrivate && { cacheScope: 'private' }) }) };
    }
    if (answer.kind === 'rpc_error') {
      exchange.context.errorType = 'upstream_error';
      return { failure: inEra(upstream.words.errorWithoutSecrets(answer.error, own), method, exchange.client) };
    }
    // Of an entry only its names are told.
    const entry = { server: name, publishedName: method } as CatalogEntry;
    return this.failed(answerToOutcome(answer, entry, upstream, own) as FailedOutcome, exchange);
  }

  private failed(outcome: FailedOutcome, { context }: Exchange): Reply {
    context.errorType = 'type' in outcome ? outcome.type : outcome.kind;
    return { failure: failedToRpc(outcome) };
  }
}

function notPut(whyNot: string, { context, request }: Exchange): Reply {
  context.errorType = 'overloaded';
  const message = `${request.method} asks the user a question, which could not be put, so it was given up: ${whyNot}`;
  return { failure: { code: CODE.refused, message, data: { type: 'overloaded' } } };
}

/** What is reported of a request, under the token that its client gave, if it gave one. */
export function tellProgress(exchange: Exchange, progress: JsonObject): void {
  const progressToken = tokenOf(exchange.request.params);
  if (progressToken !== undefined) exchange.notify('notifications/progress', { ...progress, progressToken });
}

/** Under which a client wants to hear of progress; undefined where it does not. */
export function tokenOf(params: JsonObject): unknown {
  return isJsonObject(params['_meta']) ? params['_meta']['progressToken'] : undefined;
}

/** What a server logs of a request, where its client wants to hear it. */
export function tellLog(exchange: Exchange, params: JsonObject): void {
  const { logLevel } = exchange.client;
  if (logLevel && isHeard(params['level'], logLevel)) exchange.notify('notifications/message', params);
}

/** A resource that there is not has another code in each generation (SEP-2164). */
function inEra(error: RpcError, method: string, { era }: ClientTraits): RpcError {
  if (method !== 'resources/read') return error;
  if (era === 'modern' && error.code === CODE.resourceNotFound) return { ...error, code: CODE.invalidParams };
  const names = isJsonObject(error.data) && 'uri' in error.data;
  return era === 'legacy' && error.code === CODE.invalidParams && names ? { ...error, code: CODE.resourceNotFound } : error;
}
