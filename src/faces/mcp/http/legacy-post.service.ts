import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject } from '@app/mcp-openapi';
import { callerOf } from '../../../http/caller-of.js';
import { newContext } from '../../../correlation/request-context.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';
import { LEGACY } from '../rpc/era.js';
import { CODE, kindOf, NO_MESSAGE, replyText, type RpcRequest, toRequest } from '../rpc/rpc.js';
import type { McpSession } from '../session/mcp-session.js';
import { McpSessions } from '../session/mcp-sessions.service.js';
import { SessionTalk } from '../talk/session-talk.service.js';
import { HttpAnswer } from './http-answer.js';
import { type McpRequest, serverOf } from './mcp-request.js';
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
    private readonly talk: SessionTalk,
    @Inject(MCP_BOUNDS) private readonly bounds: McpBounds,
  ) {}

  /** Throws or rejects with what refuses it. */
  answer(request: McpRequest, message: unknown, text: string, elements: () => readonly string[]): void | Promise<void> {
    if (Array.isArray(message)) return this.batch(request, message, elements());
    if (kindOf(message) === 'request' && (message as JsonObject)['method'] === 'initialize')
      return this.open(request, message as JsonObject);
    const session = this.sessionOf(request);
    const kind = kindOf(message);
    if (kind === undefined) throw new HttpRefused(400, NO_MESSAGE);
    if (kind !== 'request') {
      this.talk.take(session, message as JsonObject);
      return accepted(request);
    }
    return this.reply(request, session, toRequest(message as JsonObject, text));
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
    const { reply, session } = await this.talk.open(rpc, callerOf(request), serverOf(request));
    const answer = new HttpAnswer(request, { newStream: undefined, isPrimed: false, keepAliveMs: this.bounds.keepAliveMs });
    answer.end(200, replyText(rpc.id, reply), session && { 'Mcp-Session-Id': session.id });
  }

  /** A client that leaves may come back for its answer: its request goes on (MCP 2025-11-25 basic/transports "Sending Messages"). */
  private async reply(request: McpRequest, session: McpSession, rpc: RpcRequest): Promise<void> {
    const answer = this.answerIn(request, session);
    const asked = { rpc, caller: callerOf(request), context: request.context, say: (said: string) => answer.say(said) };
    const { text, headers } = await this.talk.answer(session, asked);
    answer.end(200, text, headers);
  }

  /** Several messages at once, as one version has them: the answers come as they are ready, on a stream. */
  private async batch(request: McpRequest, messages: readonly unknown[], texts: readonly string[]): Promise<void> {
    const session = this.sessionOf(request);
    const kinds = messages.map(kindOf);
    const isLegal = session.client.protocolVersion === BATCHING && messages.length > 0 && messages.length <= MAX_BATCH;
    if (!isLegal || kinds.includes(undefined)) throw new HttpRefused(400, NO_MESSAGE);
    messages.forEach((message, at) => kinds[at] !== 'request' && this.talk.take(session, message as JsonObject));
    const requests = messages.flatMap((message, at) =>
      kinds[at] === 'request' ? [toRequest(message as JsonObject, texts[at] ?? '')] : [],
    );
    if (requests.length === 0) return accepted(request);
    const answer = this.answerIn(request, session);
    const running = requests.map((rpc, at) => {
      const { correlationId, clientAddress, principal } = request.context;
      const context =
        at === 0 ? request.context : Object.assign(newContext(`${correlationId.slice(0, 120)}.${at}`, clientAddress), { principal });
      return this.talk.answer(session, { rpc, caller: callerOf(request), context, say: (said) => answer.say(said) });
    });
    const answers = await Promise.all(running);
    answer.end(200, `[${answers.map(({ text }) => text).join(',')}]`);
  }

  private answerIn(request: McpRequest, session: McpSession): HttpAnswer {
    const isPrimed = session.client.protocolVersion === PRIMED;
    const newStream = () => session.newStream();
    return new HttpAnswer(request, { newStream, isPrimed, keepAliveMs: this.bounds.keepAliveMs });
  }
}

function accepted({ res, context }: McpRequest): void {
  res?.writeHead(202, ['X-Correlation-Id', context.correlationId, 'Content-Length', '0']);
  res?.end();
}
