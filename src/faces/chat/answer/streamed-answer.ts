import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { causeOf, PacedTexts, SseReader } from '@app/mcp-transport';
import { type ToolCall, toMessageCall, ToolCalls } from '../loop/tool-calls.js';
import { MAX_ERROR_BYTES, readBounded } from '../models/read-bounded.js';
import { errorIn, saidBy } from '../models/refusal-to-error.js';
import { ChatError, modelFailed, toOpenAiError, UNEXPECTED } from '../openai-error.js';
import { statusEvent } from '../open-webui.js';
import type { Answer, Round, RoundOptions } from './answer.js';
import { EventStream } from './event-stream.js';
import { between, MAX_ANSWER_BYTES } from './joined.js';
import { KeptWords } from './kept-words.js';
import { UsageSum } from './usage.js';
import { without } from '../without.js';
import type { AnswerHead } from './whole-answer.js';

/** Longest event of a model's server, in characters. */
const MAX_EVENT_CHARACTERS = 8 * 1024 * 1024;
/** A server that leaves its stream open behind the end of the answer is left. */
const LINGER_MS = 200;

/** How the client wants its stream. */
interface StreamOptions {
  readonly isOpenWebUi: boolean;
  readonly wantsUsage: boolean;
  /** How many answers the model gives; only of a single one the end is held back. */
  readonly choices: number;
}

/** A round while it comes. */
class RoundInFlight {
  readonly calls = new ToolCalls();
  readonly words = new KeptWords();
  finishReason: string | null = null;
  usage: unknown;
  isDone = false;

  constructor(readonly holdsCalls: boolean) {}
}

/** The answer to a completion that is streamed: one message in chunks, whatever rounds it is made of (OpenAI API, "Streaming"). */
export class StreamedAnswer implements Answer {
  hasBegun = false;
  private readonly stream: EventStream;
  private readonly usage: UsageSum;
  private id: string;
  private created = Math.floor(Date.now() / 1000);
  private hasChunks = false;
  private hasRole = false;
  private text = '';
  /** What is shown to be going on. */
  private openStatus: string | undefined;

  constructor(
    response: ServerResponse,
    private readonly head: AnswerHead,
    private readonly options: StreamOptions,
  ) {
    this.id = head.id;
    this.usage = new UsageSum(head.usage);
    this.stream = new EventStream(response);
  }

  async read(response: Dispatcher.ResponseData, { holdsCalls }: RoundOptions): Promise<Round> {
    const round = new RoundInFlight(holdsCalls);
    if (/\bjson\b/i.test(String(response.headers['content-type']))) throw await this.noStream(response);
    await this.readEvents(response.body, round);
    if (!round.isDone && round.finishReason === null) throw modelFailed("The model's answer broke off before its end.");
    this.usage.add(round.usage);
    return { text: round.words.take(), calls: round.calls.take(), finishReason: round.finishReason };
  }

  say(text: string): void {
    if (text === '') return;
    const content = `${between(this.text, text)}${text}`;
    this.text = content;
    this.chunk({}, [{ index: 0, delta: { ...this.role(), content }, finish_reason: null }]);
  }

  status(description: string, done: boolean): void {
    this.hasBegun = true;
    this.openStatus = done ? undefined : description;
    if (this.options.isOpenWebUi) this.stream.data(statusEvent(description, done));
    else this.stream.comment();
  }

  finish(reason: string | null, calls: readonly ToolCall[]): void {
    this.closeStatus();
    if (calls.length > 0) {
      const asked = calls.map((call, index) => ({ index, ...toMessageCall(call) }));
      this.chunk({}, [{ index: 0, delta: { ...this.role(), tool_calls: asked }, finish_reason: null }]);
    }
    if (this.options.choices === 1) this.chunk({}, [{ index: 0, delta: this.role(), finish_reason: reason ?? 'stop' }]);
    if (this.options.wantsUsage && this.usage.total) this.stream.data({ ...this.frame(), choices: [], usage: this.usage.total });
    this.stream.end('[DONE]');
  }

  fail(error: unknown): boolean {
    if (!this.stream.isOpen) {
      this.stream.stop();
      return false;
    }
    this.closeStatus();
    this.stream.data({ error: toOpenAiError(error)?.error ?? UNEXPECTED });
    this.stream.end('[DONE]');
    return true;
  }

  /** What was begun and given up must not go on for ever. */
  private closeStatus(): void {
    if (this.openStatus !== undefined) this.status(this.openStatus, true);
  }

  /** A server that answers JSON says what is wrong, whatever its status. */
  private async noStream({ body }: Dispatcher.ResponseData): Promise<ChatError> {
    const text = (await readBounded(body, MAX_ERROR_BYTES, 'cut')).toString();
    return modelFailed(this.head.shown(errorIn(text).message ?? "The model's server answered no stream."));
  }

  private async readEvents(body: AsyncIterable<Uint8Array> & { destroy(): unknown }, round: RoundInFlight): Promise<void> {
    let bytes = 0;
    let linger: NodeJS.Timeout | undefined;
    const onTooLarge = () => fail(`The model's server sent an event of more than ${MAX_EVENT_CHARACTERS} characters.`);
    let failure: unknown;
    const events = new PacedTexts((data) => {
      try {
        if (failure === undefined) this.take(data, round);
      } catch (error) {
        failure = error;
      }
    });
    const reader = new SseReader((data) => events.push(data), { maxCharacters: MAX_EVENT_CHARACTERS, onTooLarge });
    try {
      for await (const chunk of body) {
        bytes += chunk.byteLength;
        if (bytes > MAX_ANSWER_BYTES) fail(`The model's server answered more than ${MAX_ANSWER_BYTES} bytes.`);
        reader.feed(chunk);
        await events.done();
        if (failure !== undefined) throw failure;
        if (round.isDone) linger ??= setTimeout(() => body.destroy(), LINGER_MS);
        await this.stream.drained();
      }
    } catch (error) {
      if (round.isDone) return;
      throw error instanceof ChatError || isAbort(error) ? error : modelFailed(`The model's answer broke off: ${causeOf(error)}.`);
    } finally {
      clearTimeout(linger);
    }
  }

  private take(data: string, round: RoundInFlight): void {
    if (round.isDone) return;
    if (data.trim() === '[DONE]') return void (round.isDone = true);
    const chunk = parsed(data);
    // Never passed on: an event of the type `execute` would run code in the page of Open WebUI.
    const { error, usage, choices, id, created } = chunk;
    if ((error !== undefined && error !== null) || chunk['object'] === 'error')
      fail(this.head.shown(saidBy(chunk).message ?? 'The model failed.'));
    if (isJsonObject(usage)) round.usage = usage;
    if (!this.hasChunks && typeof id === 'string' && id !== '') this.id = id;
    if (!this.hasChunks && Number.isSafeInteger(created)) this.created = created as number;
    this.hasChunks = true;
    const passed = Array.isArray(choices) ? choices.filter(isJsonObject).flatMap((choice) => this.passed(choice, round)) : [];
    if (passed.length > 0) this.chunk(without(chunk, 'event', 'usage', 'choices', 'error'), passed);
  }

  /** What of a choice is the client's now: not its end, which comes once, nor calls while nobody knows whose they are. */
  private passed(choice: JsonObject, round: RoundInFlight): JsonObject[] {
    const { finish_reason: reason, delta, ...more } = choice;
    if (typeof reason === 'string') round.finishReason = reason;
    if (this.options.choices > 1) return [choice];
    const said = isJsonObject(delta) ? delta : {};
    const { tool_calls: asked, content } = said;
    if (round.holdsCalls) round.calls.add(asked);
    const words = typeof content === 'string' ? this.words(content, round) : content;
    const own = {
      ...this.role(),
      ...(content !== undefined && { content: words }),
      ...without(said, 'role', 'tool_calls', 'content'),
      ...(!round.holdsCalls && asked !== undefined && { tool_calls: asked }),
    };
    const hasMore = Object.values(more).some((value) => value !== null && typeof value === 'object');
    const isEmpty = !hasMore && Object.values(own).every((value) => value === null || value === '');
    return isEmpty ? [] : [{ ...more, index: 0, delta: own, finish_reason: null }];
  }

  private words(content: string, round: RoundInFlight): string {
    const words = round.words.areNone ? `${between(this.text, content)}${content}` : content;
    round.words.add(content);
    if (words !== '') this.text = words;
    return words;
  }

  /** Said once. */
  private role(): { readonly role?: 'assistant' } {
    if (this.hasRole) return {};
    this.hasRole = true;
    return { role: 'assistant' };
  }

  private chunk(more: JsonObject, choices: readonly JsonObject[]): void {
    this.hasBegun = true;
    this.stream.data({ ...more, ...this.frame(), choices, ...(this.options.wantsUsage && { usage: null }) });
  }

  private frame(): JsonObject {
    return { id: this.id, object: 'chat.completion.chunk', created: this.created, model: this.head.model };
  }
}

function parsed(data: string): JsonObject {
  try {
    const value: unknown = JSON.parse(data);
    if (isJsonObject(value)) return value;
  } catch {
    // Told below.
  }
  return fail("The model's server sent an event that is no JSON object.");
}

function fail(message: string): never {
  throw modelFailed(message);
}

function isAbort(error: unknown): boolean {
  const { name } = error as { name?: unknown };
  return name === 'AbortError' || name === 'TimeoutError';
}
