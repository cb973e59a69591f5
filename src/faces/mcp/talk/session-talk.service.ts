import { Inject, Injectable } from '@nestjs/common';
import { isJsonObject, type JsonObject, type RpcError } from '@app/mcp-openapi';
import { CallAbort } from '@app/mcp-transport';
import type { Caller } from '../../../correlation/caller.js';
import type { RequestContext } from '../../../correlation/request-context.js';
import { overloaded } from '../../../errors/gateway-errors.js';
import { McpMetrics } from '../../../metrics/mcp-metrics.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';
import { Greeting } from '../methods/greeting.service.js';
import { Methods } from '../methods/methods.service.js';
import type { Exchange } from '../rpc/exchange.js';
import { CODE, notificationText, type Reply, replyText, RpcFailed, type RpcRequest } from '../rpc/rpc.js';
import { keptCapabilities } from '../session/kept-capabilities.js';
import type { McpSession } from '../session/mcp-session.js';
import { McpSessions } from '../session/mcp-sessions.service.js';

/** A request of a session, who makes it, and where it says what comes before its answer. */
interface Asked {
  readonly rpc: RpcRequest;
  readonly caller: Caller;
  readonly context: RequestContext;
  readonly say: (text: string) => void;
}

/** What is said in sessions of the older generations, whatever way it comes. */
@Injectable()
export class SessionTalk {
  constructor(
    private readonly sessions: McpSessions,
    private readonly greeting: Greeting,
    private readonly methods: Methods,
    private readonly metrics: McpMetrics,
    @Inject(MCP_BOUNDS) private readonly bounds: McpBounds,
  ) {}

  /** `initialize`. Rejects with a 503 where all sessions that there may be are in use. */
  async open(
    rpc: RpcRequest,
    caller: Caller,
    server: string | undefined,
  ): Promise<{ readonly reply: Reply; readonly session?: McpSession }> {
    this.metrics.count('legacy', 'initialize');
    try {
      const protocolVersion = this.greeting.versionOf(rpc.params);
      const reply = await this.greeting.initialize({ caller, server }, protocolVersion);
      const opened = { protocolVersion, capabilities: keptCapabilities(rpc.params['capabilities']) };
      const session = this.sessions.open(caller, server, opened);
      if (!session) throw overloaded(`The gateway has ${this.bounds.maxSessions} sessions of MCP clients, and all are in use.`);
      return { reply, session };
    } catch (error) {
      if (!(error instanceof RpcFailed)) throw error;
      return { reply: { failure: error.failure } };
    }
  }

  /** Answers a request; never rejects. */
  async answer(
    session: McpSession,
    { rpc, caller, context, say }: Asked,
  ): Promise<{ readonly text: string; readonly headers: Exchange['answerHeaders'] }> {
    const abort = new CallAbort();
    if (!session.canTakeRequest) return { text: replyText(rpc.id, { failure: TOO_MANY }), headers: undefined };
    if (!session.begin(rpc.id, abort)) return { text: replyText(rpc.id, { failure: SAME_ID }), headers: undefined };
    const exchange: Exchange = {
      request: rpc,
      client: session.client,
      server: session.server,
      caller,
      context,
      signal: abort,
      headers: undefined,
      session,
      notify: (method, params) => say(notificationText(method, params)),
      ask: (question, withdrawn) => session.ask(question, say, withdrawn),
      answerHeaders: undefined,
    };
    try {
      const reply = await this.methods.answer(exchange);
      return { text: replyText(rpc.id, reply), headers: exchange.answerHeaders };
    } finally {
      session.ended(rpc.id);
    }
  }

  /** Takes a notification, or the answer to a question. */
  take(session: McpSession, { method, params, id, result, error }: JsonObject): void {
    if (method === 'notifications/cancelled' && isJsonObject(params)) session.cancel(params['requestId']);
    if (method !== undefined) return;
    session.answer(id, isJsonObject(result) ? { result } : { error: toError(error) });
  }
}

const TOO_MANY: RpcError = { code: CODE.refused, message: 'Too many requests of this session are being answered: wait for some of them.' };
const SAME_ID: RpcError = { code: CODE.invalidRequest, message: 'A request of this id is being answered.' };

function toError(error: unknown): RpcError {
  const { code, message, data } = isJsonObject(error) ? error : {};
  return {
    code: typeof code === 'number' ? code : -1,
    message: typeof message === 'string' ? message : 'The client gave no message.',
    ...(data !== undefined && { data }),
  };
}
