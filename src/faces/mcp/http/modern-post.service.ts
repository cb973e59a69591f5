import type { ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { LOG_LEVEL_META_KEY } from '@modelcontextprotocol/server';
import type { JsonObject } from '@app/mcp-openapi';
import { callerOf } from '../../../http/caller-of.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';
import { Methods } from '../methods/methods.service.js';
import type { Exchange } from '../rpc/exchange.js';
import { CODE, type Reply, replyText, RpcFailed, type RpcRequest } from '../rpc/rpc.js';
import { modernExchange } from '../talk/modern-exchange.js';
import type { Run } from '../runs/run.js';
import { Runs } from '../runs/runs.service.js';
import { tokenOf } from '../upstream/asked-servers.service.js';
import { HttpAnswer } from './http-answer.js';
import { ListenStreams } from './listen-stream.service.js';
import { type McpRequest, serverOf } from './mcp-request.js';
import { HttpRefused } from './rpc-refusal.js';

/** Answers requests since 2026-07-28, each of which stands for itself. A client that closes the stream of an answer wants it no more. */
@Injectable()
export class ModernPosts {
  constructor(
    private readonly methods: Methods,
    private readonly runs: Runs,
    private readonly streams: ListenStreams,
    @Inject(MCP_BOUNDS) private readonly bounds: McpBounds,
  ) {}

  async answer(request: McpRequest, rpc: RpcRequest, meta: JsonObject): Promise<void> {
    if (rpc.method === 'subscriptions/listen') return this.streams.serve(request, rpc);
    if (!this.methods.has('modern', rpc.method))
      throw new HttpRefused(404, { code: CODE.methodNotFound, message: 'Method not found' }, rpc.id);
    const isAlone = tokenOf(rpc.params) === undefined && meta[LOG_LEVEL_META_KEY] === undefined;
    const answer = new HttpAnswer(request, { newStream: undefined, isPrimed: false, isAlone, keepAliveMs: this.bounds.keepAliveMs });
    let exchange: Exchange | undefined;
    const from = { caller: callerOf(request), server: serverOf(request), context: request.context, headers: request.headers };
    const start = (run: Run) => this.methods.answer((exchange = modernExchange(rpc, meta, run, from)));
    try {
      const run = this.runs.of(rpc, from.caller, from.server, start);
      const reply = await this.follow(run, answer, request);
      answer.end(statusOf(reply), replyText(rpc.id, reply), exchange?.answerHeaders);
    } catch (error) {
      if (!(error instanceof RpcFailed)) throw error;
      answer.end(200, replyText(rpc.id, { failure: error.failure }));
    }
  }

  /** What the run comes to next: its answer, or what its client is asked. */
  private async follow(run: Run, answer: HttpAnswer, request: McpRequest): Promise<Reply> {
    const response = request.res as ServerResponse;
    const left = (): void => {
      if (!response.writableFinished) run.giveUp();
    };
    const say: Run['say'] = (text) => answer.say(text);
    run.say = say;
    response.once('close', left);
    const next = await run.next();
    if ('reply' in next) return next.reply;
    response.off('close', left);
    if (answer.isGone) run.giveUp();
    return this.runs.suspend(run, callerOf(request), next.asks);
  }
}

/** Errors that come before a request is looked at have a status of their own. */
function statusOf(reply: Reply): number {
  if (!('failure' in reply)) return 200;
  const { code } = reply.failure;
  return code === CODE.missingCapability || code === CODE.headerMismatch ? 400 : 200;
}
