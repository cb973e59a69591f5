import type { ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CLIENT_CAPABILITIES_META_KEY, LOG_LEVEL_META_KEY } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';
import { Methods } from '../methods/methods.service.js';
import { MODERN } from '../rpc/era.js';
import type { ClientTraits } from '../rpc/client-traits.js';
import type { Exchange } from '../rpc/exchange.js';
import { isLogLevel } from '../rpc/log-level.js';
import { CODE, notificationText, type Reply, replyText, RpcFailed, type RpcRequest } from '../rpc/rpc.js';
import type { Run } from '../runs/run.js';
import { Runs } from '../runs/runs.service.js';
import { HttpAnswer } from './http-answer.js';
import { Listening } from './listening.service.js';
import { callerOf, type McpRequest, serverOf } from './mcp-request.js';
import { HttpRefused } from './rpc-refusal.js';

/** Answers requests since 2026-07-28, each of which stands for itself. A client that closes the stream of an answer wants it no more. */
@Injectable()
export class ModernPosts {
  constructor(
    private readonly methods: Methods,
    private readonly runs: Runs,
    private readonly listening: Listening,
    @Inject(MCP_BOUNDS) private readonly bounds: McpBounds,
  ) {}

  async answer(request: McpRequest, rpc: RpcRequest, meta: JsonObject): Promise<void> {
    if (rpc.method === 'subscriptions/listen') return this.listening.serve(request, rpc);
    if (!this.methods.has('modern', rpc.method))
      throw new HttpRefused(404, { code: CODE.methodNotFound, message: 'Method not found' }, rpc.id);
    const answer = new HttpAnswer(request, { newStream: undefined, isPrimed: false, keepAliveMs: this.bounds.keepAliveMs });
    let exchange: Exchange | undefined;
    const start = (run: Run) => this.methods.answer((exchange = this.exchange(request, rpc, traitsOf(meta), run)));
    try {
      const run = this.runs.of(rpc, callerOf(request), serverOf(request), start);
      const reply = await this.follow(run, answer, request.res as ServerResponse);
      answer.end(statusOf(reply), replyText(rpc.id, reply), exchange?.answerHeaders);
    } catch (error) {
      if (!(error instanceof RpcFailed)) throw error;
      answer.end(200, replyText(rpc.id, { failure: error.failure }));
    }
  }

  /** What the run comes to next: its answer, or what its client is asked. */
  private async follow(run: Run, answer: HttpAnswer, response: ServerResponse): Promise<Reply> {
    const left = (): void => {
      if (!response.writableFinished) run.giveUp();
    };
    run.say = (text) => answer.say(text);
    response.once('close', left);
    const next = await run.next();
    if ('reply' in next) return next.reply;
    response.off('close', left);
    if (answer.isGone) run.giveUp();
    return this.runs.suspend(run, next.asks);
  }

  private exchange(request: McpRequest, rpc: RpcRequest, client: ClientTraits, run: Run): Exchange {
    return {
      request: rpc,
      client,
      server: serverOf(request),
      caller: callerOf(request),
      context: request.context,
      signal: run.signal,
      headers: request.headers,
      session: undefined,
      notify: (method, params) => run.say?.(notificationText(method, params)),
      ask: (question, signal) => run.ask(question, signal),
      answerHeaders: undefined,
    };
  }
}

/** Errors that come before a request is looked at have a status of their own. */
function statusOf(reply: Reply): number {
  if (!('failure' in reply)) return 200;
  const { code } = reply.failure;
  return code === CODE.missingCapability || code === CODE.headerMismatch ? 400 : 200;
}

function traitsOf(meta: JsonObject): ClientTraits {
  const capabilities = meta[CLIENT_CAPABILITIES_META_KEY];
  const level = meta[LOG_LEVEL_META_KEY];
  return {
    era: 'modern',
    protocolVersion: MODERN,
    capabilities: isJsonObject(capabilities) ? capabilities : {},
    logLevel: isLogLevel(level) ? level : undefined,
  };
}
