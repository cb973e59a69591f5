import type { Readable } from 'node:stream';
import { PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { LineSplitter } from '@app/mcp-transport';
import type { CallRecords } from '../../../call/call-records.service.js';
import type { Caller } from '../../../correlation/caller.js';
import { ANONYMOUS } from '../../../correlation/principal.js';
import { newContext, type RequestContext } from '../../../correlation/request-context.js';
import { GatewayException } from '../../../errors/gateway.exception.js';
import { unexpectedFailure } from '../../../errors/unexpected-failure.js';
import { readJson } from '../../../http/body/json-body.js';
import type { Methods } from '../methods/methods.service.js';
import { MODERN, unsupported } from '../rpc/era.js';
import { CODE, kindOf, type Reply, replyText, RpcFailed, type RpcId, type RpcRequest, toRequest } from '../rpc/rpc.js';
import type { Run } from '../runs/run.js';
import type { Runs } from '../runs/runs.service.js';
import type { McpSession } from '../session/mcp-session.js';
import type { McpSessions } from '../session/mcp-sessions.service.js';
import { type Listening, type Subscription, SUBSCRIPTION_LIMIT } from '../talk/listening.service.js';
import { modernExchange } from '../talk/modern-exchange.js';
import type { SessionTalk } from '../talk/session-talk.service.js';
import type { ClientPipe } from './client-pipe.js';
import type { FirstLists } from './first-lists.service.js';

/** What is needed to talk with a client. */
interface Parts {
  readonly talk: SessionTalk;
  readonly sessions: McpSessions;
  readonly methods: Methods;
  readonly runs: Runs;
  readonly listening: Listening;
  readonly records: CallRecords;
  readonly firstLists: FirstLists;
}

/** Requests that are being answered; those beyond are refused. */
const MAX_REQUESTS = 200;
/** Whoever has started the gateway is its one caller. */
const CALLER: Caller = { principal: ANONYMOUS, address: '127.0.0.1', headers: {} };

/** One client on two pipes: its messages in, answers and all else that is said to it out, each a line. */
export class StdioConnection {
  private session: McpSession | undefined;
  private readonly runs = new Map<RpcId, Run>();
  private readonly subscriptions = new Map<RpcId, Subscription>();
  private readonly answering = new Set<Promise<void>>();
  private readonly say: (text: string) => void;
  private end: () => void = () => undefined;
  private readonly begun: Promise<void>;
  private isOver = false;
  private isStopping = false;

  constructor(
    private readonly the: Parts,
    private readonly pipe: ClientPipe,
    private readonly maxLineBytes: number,
  ) {
    this.say = pipe.say;
    this.begun = Promise.race([the.firstLists.there(), new Promise<void>((end) => (this.end = end))]);
  }

  async serve(input: Readable): Promise<void> {
    const lines = new LineSplitter(
      this.maxLineBytes,
      (line) => this.take(line),
      () => this.refuse(undefined, CODE.invalidRequest, `The message is larger than ${this.maxLineBytes} bytes.`),
    );
    for await (const chunk of input as AsyncIterable<Buffer>) {
      lines.feed(chunk);
      await this.pipe.room();
    }
    this.isOver = true;
    this.end();
    for (const run of this.runs.values()) run.giveUp();
    for (const { close } of this.subscriptions.values()) close();
    if (this.session) this.the.sessions.end(this.session, 'client');
    await Promise.all(this.answering);
  }

  /** Takes nothing new from now on: what has begun can be gone on with. */
  stop(): void {
    this.isStopping = true;
    for (const { endText, close } of this.subscriptions.values()) {
      this.say(endText);
      close();
    }
    this.subscriptions.clear();
  }

  get isAnswering(): boolean {
    return this.answering.size > 0;
  }

  private take(line: string): void {
    if (line.trim() === '') return;
    let message: unknown;
    try {
      message = readJson(Buffer.from(line), 'message').value;
    } catch (error) {
      if (!(error instanceof GatewayException)) throw error;
      return this.refuse(undefined, error.fields.type === 'malformed_json' ? CODE.parseError : CODE.invalidRequest, error.message);
    }
    const kind = kindOf(message);
    if (kind === undefined) return this.refuse(undefined, CODE.invalidRequest, 'The message is not one of JSON-RPC.');
    if (kind !== 'request') return this.note(message as JsonObject);
    const rpc = toRequest(message as JsonObject, line);
    if (this.answering.size >= MAX_REQUESTS) return this.refuse(rpc.id, CODE.refused, 'Too many requests are being answered.');
    if (this.isStopping && rpc.params['requestState'] === undefined) return this.refuse(rpc.id, CODE.refused, 'The gateway is stopping.');
    const answered = this.answer(rpc).finally(() => this.answering.delete(answered));
    this.answering.add(answered);
  }

  private note(message: JsonObject): void {
    const { method, params } = message;
    if (this.session) this.the.talk.take(this.session, message);
    if (method !== 'notifications/cancelled' || !isJsonObject(params)) return;
    const id = params['requestId'] as RpcId;
    this.runs.get(id)?.giveUp();
    this.subscriptions.get(id)?.close();
    this.subscriptions.delete(id);
  }

  private async answer(rpc: RpcRequest): Promise<void> {
    const context = newContext(undefined, CALLER.address);
    try {
      if (rpc.method !== 'ping') await this.begun;
      if (this.isOver) return;
      await this.answerIn(rpc, context);
    } catch (error) {
      if (error instanceof RpcFailed) this.say(replyText(rpc.id, { failure: error.failure }));
      else this.fail(rpc.id, error, context);
    }
    this.the.records.close(context, 'request', { face: 'stdio', method: rpc.method });
  }

  private async answerIn(rpc: RpcRequest, context: RequestContext): Promise<void> {
    const meta = isJsonObject(rpc.params['_meta']) ? rpc.params['_meta'] : {};
    const version = meta[PROTOCOL_VERSION_META_KEY];
    if (version !== undefined) return this.answerModern(rpc, meta, version, context);
    if (rpc.method === 'initialize') return this.open(rpc);
    if (this.session) return this.say((await this.the.talk.answer(this.session, { rpc, caller: CALLER, context, say: this.say })).text);
    // So a client that asks for the generation without saying its own hears that there is another.
    if (rpc.method === 'ping') return this.say(replyText(rpc.id, { result: '{}' }));
    this.refuse(rpc.id, CODE.invalidRequest, 'Begin with "initialize", or say the protocol version with each request.');
  }

  private async open(rpc: RpcRequest): Promise<void> {
    if (this.session) return this.refuse(rpc.id, CODE.invalidRequest, 'The session is open already.');
    const { reply, session } = await this.the.talk.open(rpc, CALLER, undefined);
    // Of two at once the later one is none.
    if (session && (this.session || this.isOver)) return this.the.sessions.end(session, 'client');
    this.session = session;
    session?.standing.readBy({ write: (_, data) => this.say(data), end: () => undefined }, 0);
    this.say(replyText(rpc.id, reply));
  }

  private async answerModern(rpc: RpcRequest, meta: JsonObject, version: unknown, context: RequestContext): Promise<void> {
    if (version !== MODERN) return this.say(replyText(rpc.id, { failure: unsupported(String(version)) }));
    if (rpc.method === 'subscriptions/listen') return this.listen(rpc);
    if (this.runs.has(rpc.id)) return this.refuse(rpc.id, CODE.invalidRequest, 'A request of this id is being answered.');
    const from = { caller: CALLER, server: undefined, context, headers: undefined };
    const run = this.the.runs.of(rpc, CALLER, undefined, (begun) => this.the.methods.answer(modernExchange(rpc, meta, begun, from)));
    run.say = this.say;
    this.runs.set(rpc.id, run);
    const next = await run.next();
    this.runs.delete(rpc.id);
    const reply: Reply = 'reply' in next ? next.reply : this.the.runs.suspend(run, CALLER, next.asks);
    this.say(replyText(rpc.id, reply));
  }

  private async listen(rpc: RpcRequest): Promise<void> {
    this.subscriptions.get(rpc.id)?.close();
    if (this.subscriptions.size >= MAX_REQUESTS) return this.refuse(rpc.id, CODE.internalError, SUBSCRIPTION_LIMIT);
    const subscription = await this.the.listening.begin(rpc, { caller: CALLER, server: undefined, say: this.say });
    if (!subscription.isEmpty) return void this.subscriptions.set(rpc.id, subscription);
    subscription.close();
    this.say(subscription.endText);
  }

  private fail(id: RpcId, error: unknown, context: RequestContext): void {
    const { type, message } = error instanceof GatewayException ? error.fields : unexpectedFailure(error, context.correlationId);
    context.errorType = type;
    this.refuse(id, CODE.internalError, message);
  }

  private refuse(id: RpcId | undefined, code: number, message: string): void {
    this.say(replyText(id, { failure: { code, message } }));
  }
}
