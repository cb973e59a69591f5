import { randomBytes } from 'node:crypto';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { CallAbort, type QuestionAnswer, type ServerQuestion } from '@app/mcp-transport';
import { ClientQuestions, type QuestionBounds } from '../talk/client-questions.js';
import type { Reply } from '../rpc/rpc.js';

const STATE_BYTES = 32;
const MAX_KEY = 200;

/** What a request is about, as far as it is the same when its client comes back. */
export interface Asking {
  readonly server: string | undefined;
  readonly method: string;
  readonly about: unknown;
}

/**
 * A request of a client since 2026-07-28 while it is answered: what its server asks meanwhile is answered by the client's coming back with
 * the same request (MCP 2026-07-28 "Multi Round-Trip Requests"), however its server asks.
 */
export class Run {
  readonly signal = new CallAbort();
  /** Names it to its client, who cannot guess that of another; a new one each time. */
  state = '';
  /** Where it says what comes before its answer; nobody hears it while its client is away. */
  say: ((text: string) => void) | undefined;
  /** Told of the answer if it comes while its client is away. */
  whenReplied: ((reply: Reply) => void) | undefined;
  /** Made with the first. */
  private asked: ClientQuestions | undefined;
  private given: Map<string, unknown> | undefined;
  private reply: Reply | undefined;
  private count = 0;
  private wake = nobodyWaits;

  constructor(
    /** Whose it is, and what was asked for: it is gone on with only by the same for the same. */
    readonly owner: string,
    readonly what: Asking,
    private readonly bounds: QuestionBounds,
    /** Answers that came with the request itself, by the keys of questions that its server has not asked yet. */
    given?: unknown,
  ) {
    if (isJsonObject(given)) this.given = new Map(Object.entries(given));
  }

  start(work: Promise<Reply>): void {
    void work.then((reply) => {
      this.reply = reply;
      this.wake();
      this.whenReplied?.(reply);
    });
  }

  /** Puts a question when its client comes for it. */
  ask(question: ServerQuestion, signal: AbortSignal): Promise<QuestionAnswer> {
    const given = this.takeGiven(question.key);
    if (given) return Promise.resolve({ result: given });
    const asked = (this.asked ??= new ClientQuestions(this.bounds));
    // What is asked at the same time is put at once.
    return asked.ask(this.keyOf(question), question, signal, () => setImmediate(() => this.wake()));
  }

  /** Once: what its server asks again it has not taken for an answer. */
  private takeGiven(key: string | undefined): JsonObject | undefined {
    const given = key === undefined ? undefined : this.given?.get(key);
    if (key !== undefined) this.given?.delete(key);
    return isJsonObject(given) ? given : undefined;
  }

  /** The server's own where it has one that is free, short, and passes through any JSON reader. */
  private keyOf({ key }: ServerQuestion): string {
    this.count += 1;
    if (key !== undefined && key.length <= MAX_KEY && key !== '__proto__' && !this.asked?.has(key)) return key;
    let at = this.count;
    while (this.asked?.has(`input_${at}`)) at += 1;
    return `input_${at}`;
  }

  /** Takes the answers that its client brings; what answers nothing is left aside. */
  take(responses: unknown): void {
    if (!isJsonObject(responses)) return;
    for (const [key, response] of Object.entries(responses)) if (isJsonObject(response)) this.asked?.answer(key, { result: response });
  }

  /** Resolves with the answer, or with what has to be answered first. */
  async next(): Promise<{ readonly reply: Reply } | { readonly asks: JsonObject }> {
    for (;;) {
      if (this.reply) return { reply: this.reply };
      if (this.asked?.areThere) return { asks: questionsOf(this.asked) };
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Is another's to go on with no more: gives the state by which its client does. */
  suspend(): string {
    this.say = undefined;
    // It may be large, and may wait for long.
    this.given = undefined;
    this.state = randomBytes(STATE_BYTES).toString('base64url');
    return this.state;
  }

  /** Nobody comes back for it. */
  giveUp(): void {
    this.signal.abort();
    this.asked?.end();
  }

  get isOver(): boolean {
    return this.reply !== undefined;
  }
}

function nobodyWaits(): void {}

function questionsOf({ all }: ClientQuestions): JsonObject {
  return Object.fromEntries(all.map(([key, { method, params }]) => [key, { method, params }]));
}
