import type { Dispatcher } from 'undici';
import type { ToolCall } from '../loop/tool-calls.js';

/** What a model answered in one round. */
export interface Round {
  /** The words that the client was told of it, as far as they are kept. */
  readonly text: string;
  /** What it asks for; empty where the client gets these as they come. */
  readonly calls: readonly ToolCall[];
  /** As the model said; null where it said none. */
  readonly finishReason: string | null;
}

/** What is known of a round before it is read. */
export interface RoundOptions {
  /** Tools of the gateway were offered: calls are kept from the client until it is known whose they are. */
  readonly holdsCalls: boolean;
}

/** The one message that the client gets for a completion, however many rounds there are. */
export interface Answer {
  /** Whether the client has been told anything that it would miss. */
  readonly hasBegun: boolean;
  /** Reads a round, and tells the client what of it is the client's. Rejects with what the client is told where it cannot be read. */
  read(response: Dispatcher.ResponseData, options: RoundOptions): Promise<Round>;
  /** Words of the gateway's own. */
  say(text: string): void;
  /** What is being done, for those who show it; one that is `done` takes its place. */
  status(description: string, done: boolean): void;
  /** Ends it, with what the client has to call. */
  finish(reason: string | null, calls: readonly ToolCall[]): void;
  /** Ends it with a failure; false where it has not begun, so that the failure is the answer. */
  fail(error: unknown): boolean;
}
