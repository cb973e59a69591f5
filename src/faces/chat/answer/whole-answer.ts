import type { Dispatcher } from 'undici';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { Turns } from '../../../event-loop/turns.js';
import { type ToolCall, toMessageCall, ToolCalls } from '../loop/tool-calls.js';
import { saidBy } from '../models/refusal-to-error.js';
import { readBounded } from '../models/read-bounded.js';
import { modelFailed } from '../openai-error.js';
import { without } from '../without.js';
import type { Answer, Round, RoundOptions } from './answer.js';
import { joined, MAX_ANSWER_BYTES } from './joined.js';
import { UsageSum } from './usage.js';

/** From here on it takes milliseconds to read. */
const LARGE_BYTES = 256 * 1024;
const TURNS = new Turns();

/** What an answer says of itself. */
export interface AnswerHead {
  readonly id: string;
  /** As the client named it. */
  readonly model: string;
  /** Takes the key out of what a server says. */
  readonly shown: (text: string) => string;
  /** Of what needs no model; undefined where a model tells. */
  readonly usage: JsonObject | undefined;
}

/** The answer to a completion that is not streamed. */
export class WholeAnswer implements Answer {
  hasBegun = false;
  /** Undefined until {@link finish}. */
  private body: JsonObject | undefined;
  private text = '';
  private last: JsonObject = {};
  /** What the model thought, by the fields that servers have for it. */
  private readonly thoughts: Record<string, string> = {};
  /** The calls of the last round are the client's as they came. */
  private isPassing = false;
  private hasAnswer = false;
  /** Of all rounds. */
  private bytes = 0;
  private readonly usage: UsageSum;

  constructor(private readonly head: AnswerHead) {
    this.usage = new UsageSum(head.usage);
  }

  async read(response: Dispatcher.ResponseData, { holdsCalls }: RoundOptions): Promise<Round> {
    const bytes = await readBounded(response.body, MAX_ANSWER_BYTES);
    this.bytes += bytes.length;
    await this.turn();
    const answer = this.parse(bytes.toString());
    const [choice] = answer['choices'] as unknown[];
    const { message, finish_reason: reason } = choice as JsonObject;
    const { content, tool_calls: asked } = message as JsonObject;
    this.think(message as JsonObject);
    const calls = new ToolCalls();
    if (holdsCalls) calls.add(asked);
    const text = typeof content === 'string' ? content : '';
    this.say(text);
    this.last = answer;
    this.hasAnswer = true;
    this.isPassing = !holdsCalls;
    this.usage.add(answer['usage']);
    return { text, calls: calls.take(), finishReason: typeof reason === 'string' ? reason : null };
  }

  say(text: string): void {
    this.text = joined(this.text, text);
    if (text !== '') this.hasBegun = true;
  }

  status(): void {
    this.hasBegun = true;
  }

  finish(reason: string | null, calls: readonly ToolCall[]): void {
    // Never passed on: an event of the type `execute` would run code in the page of Open WebUI.
    const last = without(this.last, 'event');
    const [first, ...others] = Array.isArray(last['choices']) ? (last['choices'] as JsonObject[]) : [{}];
    const { tool_calls: passed, ...message } = isJsonObject(first?.['message']) ? first['message'] : {};
    const told = this.isPassing ? passed : calls.length > 0 ? calls.map(toMessageCall) : undefined;
    const content = this.text !== '' ? this.text : told !== undefined ? null : (message['content'] ?? (this.hasAnswer ? null : ''));
    const own = { role: 'assistant', ...message, ...this.thoughts, content, ...(told !== undefined && { tool_calls: told }) };
    const choice = { index: 0, logprobs: null, ...first, message: own, finish_reason: reason };
    this.body = {
      object: 'chat.completion',
      created: Math.floor(Date.now() / 1000),
      ...last,
      id: typeof last['id'] === 'string' ? last['id'] : this.head.id,
      model: this.head.model,
      choices: [choice, ...others],
      ...(this.usage.total && { usage: this.usage.total }),
    };
  }

  fail(): boolean {
    return false;
  }

  /** What is answered; undefined where there is none. */
  async toText(): Promise<string | undefined> {
    if (!this.body) return undefined;
    await this.turn();
    return JSON.stringify(this.body);
  }

  /** Of large answers that come at once each has turns of the event loop of its own. */
  private async turn(): Promise<void> {
    if (this.bytes >= LARGE_BYTES) await TURNS.next();
  }

  private think(message: JsonObject): void {
    for (const field of THOUGHTS) {
      const said = message[field];
      if (typeof said === 'string' && said !== '') this.thoughts[field] = joined(this.thoughts[field] ?? '', said);
    }
  }

  private parse(text: string): JsonObject {
    const value = parsed(text);
    const { message } = saidBy(value);
    if (isJsonObject(value) && !('choices' in value) && message !== undefined) throw modelFailed(this.head.shown(message));
    const [choice] = isJsonObject(value) && Array.isArray(value['choices']) ? (value['choices'] as unknown[]) : [];
    if (isJsonObject(value) && isJsonObject(choice) && isJsonObject(choice['message'])) return value;
    throw modelFailed("The model's server answered what is no completion.");
  }
}

const THOUGHTS = ['reasoning_content', 'reasoning'] as const;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
