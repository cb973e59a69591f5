import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import type { RpcMessage } from '../call/call-answer.js';
import { isQuestionMethod } from '../questions/server-question.js';
import { leniently } from '../lenient-message.js';
import type { ServerNotice } from '../upstream-connection.js';

/** So many requests of a server are being answered at once; those beyond are dropped. */
const MAX_ANSWERING = 16;
/** So many messages a server may send in {@link WINDOW_MS} that answer nothing. */
const MAX_MESSAGES = 100_000;
const WINDOW_MS = 10_000;
/** Changes that are told within this time are one. */
const MERGE_MS = 50;

/** So many of them go on to the SDK in that time, which takes a hundred times as long for each; a list has no more pages. */
const MAX_DELIVERED = 2_000;
export const TOOLS_CHANGED = 'notifications/tools/list_changed';
/** Its server is done with a link that somebody was to open (MCP 2025-11-25 client/elicitation "Completion Notifications"). */
export const ELICITATION_COMPLETE = 'notifications/elicitation/complete';
/** The only notification beside those below that the SDK does anything for: any other costs it the same effort for nothing. */
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';

/** Where a server's messages go, and answers to them. */
export interface Way {
  /** To the SDK's client. */
  readonly deliver: (message: JSONRPCMessage) => void;
  /** To the server; resolves or rejects when it has taken the answer, or never will. */
  readonly answer: (answer: JSONRPCMessage) => Promise<unknown>;
}

/** What a server sends that concerns no call, on one connection: nothing of it may cost others anything, however much it is. */
export class ServerMessages {
  /** Told of changed lists and resources, and of links that the server is done with. */
  notice: (notice: ServerNotice) => void = () => undefined;
  private readonly changedLists = new Set<'prompts' | 'resources'>();
  private answering = 0;
  private windowEnd = 0;
  private count = 0;
  private delivered = 0;
  private changed: RpcMessage | undefined;

  constructor(private readonly way: Way) {}

  /** Takes a message; gives the reason why the server is to be parted from, if it is. */
  take(message: RpcMessage): string | undefined {
    const flood = this.counted();
    if (flood !== undefined) return flood;
    if (message.method === undefined) this.deliver(message);
    else if (message.id !== undefined) this.answer(message);
    else if (message.method === TOOLS_CHANGED) this.mergeChange(message);
    else if (message.method === 'notifications/prompts/list_changed') this.mergeList('prompts');
    else if (message.method === 'notifications/resources/list_changed') this.mergeList('resources');
    else if (message.method === 'notifications/resources/updated') this.notice({ kind: 'updated', params: message.params ?? {} });
    else if (message.method === ELICITATION_COMPLETE) this.notice({ kind: 'elicitation', params: message.params ?? {} });
    else if (message.method === ACKNOWLEDGED) this.deliver(message);
    return undefined;
  }

  /** Counts a message that somebody else took, or what is none, and answers nothing; gives the reason as {@link take} does. */
  counted(): string | undefined {
    const now = performance.now();
    if (now > this.windowEnd) {
      this.windowEnd = now + WINDOW_MS;
      this.count = 0;
      this.delivered = 0;
    }
    this.count += 1;
    return this.count > MAX_MESSAGES ? FLOODED : undefined;
  }

  private deliver(message: RpcMessage): void {
    if (this.delivered++ < MAX_DELIVERED) this.way.deliver(leniently(message));
  }

  /** All that a server may ask outside of a call is whether the gateway is there (MCP basic/utilities/ping). */
  private answer({ id, method }: RpcMessage): void {
    if (this.answering >= MAX_ANSWERING || (typeof id !== 'string' && typeof id !== 'number')) return;
    this.answering += 1;
    const over = (): void => void (this.answering -= 1);
    this.way.answer({ jsonrpc: '2.0', id, ...answerTo(method) }).then(over, over);
  }

  private mergeChange(message: RpcMessage): void {
    if (!this.changed) setTimeout(() => this.tellChange(), MERGE_MS).unref();
    this.changed = message;
  }

  private mergeList(kind: 'prompts' | 'resources'): void {
    if (this.changedLists.size === 0) setTimeout(() => this.tellLists(), MERGE_MS).unref();
    this.changedLists.add(kind);
  }

  private tellLists(): void {
    const kinds = [...this.changedLists];
    this.changedLists.clear();
    for (const kind of kinds) this.notice({ kind });
  }

  private tellChange(): void {
    const message = this.changed as RpcMessage;
    this.changed = undefined;
    this.way.deliver(leniently(message));
  }
}

const FLOODED = `The MCP server floods the connection: more than ${MAX_MESSAGES} messages within ${WINDOW_MS / 1000} s that answer nothing.`;

function answerTo(method: unknown) {
  if (method === 'ping') return { result: {} };
  return isQuestionMethod(method) ? FOR_NOBODY : NO_SUCH_METHOD;
}

const FOR_NOBODY = {
  error: {
    code: -32_601,
    message:
      'The gateway puts a question only to whoever made the call that carried it: on its own stream, over stdio while it is the only one in flight, a few at a time.',
  },
};
const NO_SUCH_METHOD = { error: { code: -32_601, message: 'Method not found' } };
