import { Inject, Injectable } from '@nestjs/common';
import { isJsonObject, type JsonObject, type RpcError } from '@app/mcp-openapi';
import { CallAbort } from '@app/mcp-transport';
import { newContext, type RequestContext } from '../../../correlation/request-context.js';
import { overloaded } from '../../../errors/gateway-errors.js';
import { McpMetrics } from '../../../metrics/mcp-metrics.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';
import { Greeting } from '../methods/greeting.service.js';
import { Methods } from '../methods/methods.service.js';
import { LEGACY } from '../rpc/era.js';
import type { Exchange } from '../rpc/exchange.js';
import { CODE, kindOf, notificationText, type Reply, replyText, RpcFailed, type RpcId, type RpcRequest } from '../rpc/rpc.js';
import type { McpSession } from '../session/mcp-session.js';
import { McpSessions } from '../session/mcp-sessions.service.js';
import { HttpAnswer } from './http-answer.js';
import { callerOf, type McpRequest, serverOf } from './mcp-request.js';
import { HttpRefused, noSession } from './rpc-refusal.js';

/** From this one on a stream may begin with an empty event. */
const PRIMED = '2025-11-25';
/** The version that has batches. */
const BATCHING = '2025-03-26';
const MAX_BATCH = 100;

/** Answers what clients of older generations post: `initialize`, and all else in the session that it opens. */
@Injectable()
export class LegacyPosts {
  constructor(
    private readonly sessions: McpSessions,
    private readonly greeting: Greeting,
    private readonly methods: Methods,
    private readonly metrics: McpMetrics,
    @Inject(MCP_BOUNDS) private readonly bounds: McpBounds,
  ) {}

  async answer(request: McpRequest, message: unknown, text: string, elements: () => readonly string[]): Promise<void> {
    if (Array.isArray(message)) return this.batch(request, message, elements());
    if (kindOf(message) === 'request' && (message as JsonObject)['method'] === 'initialize')
      return this.open(request, message as JsonObject);
    const session = this.sessionOf(request);
    const kind = kindOf(message);
    if (kind === undefined) throw new HttpRefused(400, INVALID);
    if (kind !== 'request') {
      this.take(session, message as JsonObject);
      return accepted(request);
    }
    await this.reply(request, session, toRequest(message as JsonObject, text));
  }

  /** The session that a request names, for whom it belongs to. */
  sessionOf(request: McpRequest): McpSession {
    const id = request.headers['mcp-session-id'];
    const version = request.headers['mcp-protocol-version'];
    if (typeof id !== 'string')
      throw new HttpRefused(400, { code: CODE.refused, message: 'The header Mcp-Session-Id is required: begin with "initialize".' });
    const session = this.sessions.find(id, callerOf(request), serverOf(request));
    if (!session) throw noSession();
    if (version !== undefined && !(LEGACY as readonly unknown[]).includes(version))
      throw new HttpRefused(400, { code: CODE.refused, message: `Unsupported protocol version (supported: ${LEGACY.join(', ')})` });
    return session;
  }

  private async open(request: McpRequest, message: JsonObject): Promise<void> {
    const rpc = toRequest(message, '');
    this.metrics.count('legacy', 'initialize');
    const [caller, server] = [callerOf(request), serverOf(request)];
    let reply: Reply;
    let session: McpSession | undefined;
    try {
      const protocolVersion = this.greeting.versionOf(rpc.params);
      reply = await this.greeting.initialize({ caller, server }, protocolVersion);
      const { capabilities } = rpc.params;
      session = this.sessions.open(caller, server, { protocolVersion, capabilities: isJsonObject(capabilities) ? capabilities : {} });
      if (!session) throw overloaded(`The gateway has ${this.bounds.maxSessions} sessions of MCP clients, and all are in use.`);
    } catch (error) {
      if (!(error instanceof RpcFailed)) throw error;
      reply = { failure: error.failure };
    }
    const answer = new HttpAnswer(request, { newStream: undefined, isPrimed: false, keepAliveMs: this.bounds.keepAliveMs });
    answer.end(200, replyText(rpc.id, reply), session && { 'Mcp-Session-Id': session.id });
  }

  /** A client that leaves may come back for its answer: its request goes on (MCP 2025-11-25 basic/transports "Sending Messages"). */
  private async reply(request: McpRequest, session: McpSession, rpc: RpcRequest): Promise<void> {
    const answer = this.answerIn(request, session);
    const { text, headers } = await this.run(request, request.context, session, rpc, (said) => answer.say(said));
    answer.end(200, text, headers);
  }

  private async run(
    request: McpRequest,
    context: RequestContext,
    session: McpSession,
    rpc: RpcRequest,
    say: (text: string) => void,
  ): Promise<{ readonly text: string; readonly headers: Exchange['answerHeaders'] }> {
    const abort = new CallAbort();
    if (!session.canTakeRequest) return { text: replyText(rpc.id, { failure: TOO_MANY }), headers: undefined };
    if (!session.begin(rpc.id, abort)) return { text: replyText(rpc.id, { failure: SAME_ID }), headers: undefined };
    const exchange: Exchange = {
      request: rpc,
      client: session.client,
      server: session.server,
      caller: callerOf(request),
      context,
      signal: abort,
      headers: undefined,
      session,
      notify: (method, params) => say(notificationText(method, params)),
      ask: ({ method, params }, signal) => session.ask(method, params, say, signal),
      answerHeaders: undefined,
    };
    try {
      const reply = await this.methods.answer(exchange);
      return { text: replyText(rpc.id, reply), headers: exchange.answerHeaders };
    } finally {
      session.ended(rpc.id);
    }
  }

  /** Several messages at once, as one version has them: the answers come as they are ready, on a stream. */
  private async batch(request: McpRequest, messages: readonly unknown[], texts: readonly string[]): Promise<void> {
    const session = this.sessionOf(request);
    const kinds = messages.map(kindOf);
    const isLegal = session.client.protocolVersion === BATCHING && messages.length > 0 && messages.length <= MAX_BATCH;
    if (!isLegal || kinds.includes(undefined)) throw new HttpRefused(400, INVALID);
    messages.forEach((message, at) => kinds[at] !== 'request' && this.take(session, message as JsonObject));
    const requests = messages.flatMap((message, at) =>
      kinds[at] === 'request' ? [toRequest(message as JsonObject, texts[at] ?? '')] : [],
    );
    if (requests.length === 0) return accepted(request);
    const answer = this.answerIn(request, session);
    const running = requests.map((rpc, at) => {
      const { correlationId, clientAddress, principal } = request.context;
      const context =
        at === 0 ? request.context : Object.assign(newContext(`${correlationId.slice(0, 120)}.${at}`, clientAddress), { principal });
      return this.run(request, context, session, rpc, (said) => answer.say(said));
    });
    const answers = await Promise.all(running);
    answer.end(200, `[${answers.map(({ text }) => text).join(',')}]`);
  }

  private answerIn(request: McpRequest, session: McpSession): HttpAnswer {
    const isPrimed = session.client.protocolVersion === PRIMED;
    const newStream = () => session.newStream();
    return new HttpAnswer(request, { newStream, isPrimed, keepAliveMs: this.bounds.keepAliveMs });
  }

  private take(session: McpSession, message: JsonObject): void {
    const { method, params, id, result, error } = message;
    if (method === 'notifications/cancelled' && isJsonObject(params)) session.cancel(params['requestId']);
    if (method !== undefined) return;
    session.answer(id, isJsonObject(result) ? { result } : { error: toError(error) });
  }
}

const INVALID: RpcError = { code: CODE.invalidRequest, message: 'Bad Request: the body is not a JSON-RPC message' };
const TOO_MANY: RpcError = { code: CODE.refused, message: 'Too many requests of this session are being answered: wait for some of them.' };
const SAME_ID: RpcError = { code: CODE.invalidRequest, message: 'A request of this id is being answered.' };

function toRequest({ id, method, params }: JsonObject, text: string): RpcRequest {
  return { id: id as RpcId, method: method as string, params: isJsonObject(params) ? params : {}, text };
}

function toError(error: unknown): RpcError {
  const { code, message, data } = isJsonObject(error) ? error : {};
  return {
    code: typeof code === 'number' ? code : -1,
    message: typeof message === 'string' ? message : 'The client gave no message.',
    ...(data !== undefined && { data }),
  };
}

function accepted({ res, context }: McpRequest): void {
  res?.writeHead(202, ['X-Correlation-Id', context.correlationId, 'Content-Length', '0']);
  res?.end();
}
