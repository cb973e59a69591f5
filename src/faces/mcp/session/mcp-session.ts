import { randomBytes } from 'node:crypto';
import type { JsonObject } from '@app/mcp-openapi';
import { BriefMap, type CallAbort, type QuestionAnswer, type ServerQuestion } from '@app/mcp-transport';
import type { Caller } from '../../../correlation/caller.js';
import type { McpBounds } from '../bounds.js';
import { ClientQuestions } from '../talk/client-questions.js';
import type { ClientTraits } from '../rpc/client-traits.js';
import type { LogLevel } from '../rpc/log-level.js';
import { notificationText, type RpcId } from '../rpc/rpc.js';
import { EventStream } from './event-stream.js';
import { KeptEvents, type KeptOfAll } from './kept-events.js';
import type { NewLink, OpenLinks } from './open-links.service.js';
import { principalName } from '../../../correlation/principal.js';

type Say = (method: string, params: JsonObject) => void;

const ID_BYTES = 24;
/** The stream of what belongs to no request. */
const STANDING = 'standing';

/** What a client of an older generation has with the gateway between `initialize` and DELETE: an MCP session of its own, which opens none at any server. */
export class McpSession {
  /** Unguessable; visible ASCII (MCP 2025-11-25 basic/transports "Session Management"). */
  readonly id = randomBytes(ID_BYTES).toString('base64url');
  readonly principalName: string;
  readonly standing: EventStream;
  /** Resources that its client subscribed to. */
  readonly watched = new Set<string>();
  /** The last thing that was asked in it, or listened to, was then. */
  usedAt = performance.now();
  isOver = false;
  /** As of now. */
  client: ClientTraits;
  private readonly kept: KeptEvents;
  private readonly streams = new Map<string, EventStream>();
  private readonly requests = new BriefMap<RpcId, CallAbort>();
  private readonly questions: ClientQuestions;
  /** How something is said of a request that is being answered, of those that came with a link. */
  private readonly saying = new Map<RpcId, Say>();
  private streamCount = 0;
  private questionCount = 0;

  constructor(
    /** As of the last request. */
    public caller: Caller,
    /** The server that it is about; undefined for all. */
    readonly server: string | undefined,
    opened: { readonly protocolVersion: string; readonly capabilities: JsonObject },
    private readonly bounds: McpBounds,
    all: KeptOfAll,
    private readonly links: OpenLinks,
  ) {
    this.principalName = principalName(caller.principal);
    this.client = { era: 'legacy', ...opened, logLevel: 'debug' };
    this.kept = new KeptEvents(bounds, all);
    this.questions = new ClientQuestions(bounds);
    this.standing = new EventStream(STANDING, this.kept);
  }

  set logLevel(logLevel: LogLevel) {
    this.client = { ...this.client, logLevel };
  }

  /** Nothing is asked and nobody listens. */
  get isIdle(): boolean {
    return this.requests.size === 0 && !this.standing.hasReader;
  }

  get canTakeRequest(): boolean {
    return this.requests.size < this.bounds.maxRequests;
  }

  /** A request is being answered; false where one of this id is. */
  begin(id: RpcId, abort: CallAbort): boolean {
    if (this.requests.has(id)) return false;
    this.requests.add(id, abort);
    return true;
  }

  ended(id: RpcId): void {
    this.requests.delete(id);
    this.saying.delete(id);
    this.usedAt = performance.now();
  }

  /** Its client wants no answer any more. */
  cancel(id: unknown): void {
    this.requests.get(id as RpcId)?.abort();
  }

  /** The stream of one answer. Of those that are over the oldest is forgotten where there are too many. */
  newStream(): EventStream {
    this.streamCount += 1;
    const stream = new EventStream(`${this.streamCount}`, this.kept);
    this.streams.set(stream.name, stream);
    if (this.streams.size > this.bounds.maxStreams) this.forgetOne();
    return stream;
  }

  stream(name: string): EventStream | undefined {
    return name === STANDING ? this.standing : this.streams.get(name);
  }

  forget(stream: EventStream): void {
    this.streams.delete(stream.name);
  }

  /** Says something that belongs to no request. What nobody listens to now is kept only for a client who has listened before. */
  say(method: string, params?: JsonObject): void {
    if (this.isOver || (!this.standing.hasReader && !this.standing.hasEvents)) return;
    this.standing.say(notificationText(method, params));
  }

  /** A server wants its client to open a link in the course of a request. */
  noteLink(link: NewLink, say: Say): void {
    this.saying.set(link.requestId, say);
    this.links.note(link, this);
  }

  /** Says something of a request: on its stream while it is answered, else as what belongs to none. */
  sayOf(id: RpcId, method: string, params: JsonObject): void {
    const say = this.saying.get(id);
    if (say) say(method, params);
    else this.say(method, params);
  }

  /** Asks its client something on the stream of a request. */
  ask(question: ServerQuestion, say: (text: string) => void, withdrawn: AbortSignal): Promise<QuestionAnswer> {
    this.questionCount += 1;
    const id = `ask_${this.questionCount}`;
    const { method, params } = question;
    withdrawn.addEventListener('abort', () => {
      if (this.questions.has(id))
        say(notificationText('notifications/cancelled', { requestId: id, reason: 'Nobody waits for the answer.' }));
    });
    return this.questions.ask(id, question, withdrawn, () => say(JSON.stringify({ jsonrpc: '2.0', id, method, params })));
  }

  /** Its client answers a question; what answers none is dropped. */
  answer(id: unknown, answer: QuestionAnswer): void {
    this.questions.answer(id, answer);
  }

  /** Ends it: its calls are given up. */
  close(): void {
    this.isOver = true;
    this.saying.clear();
    this.links.leave(this);
    for (const request of this.requests.values()) request.abort();
    this.questions.end();
    this.standing.end();
    for (const stream of this.streams.values()) stream.end();
    this.streams.clear();
    this.kept.clear();
  }

  private forgetOne(): void {
    for (const stream of this.streams.values()) if (stream.isOver) return this.forget(stream);
  }
}
