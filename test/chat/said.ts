import type { AssistantContext, AssistantMessage, AssistantTool } from '../../src/faces/chat/assistant/assistant.ts';
import { assistantTurn, questionOf } from '../../src/faces/chat/assistant/assistant.ts';

/** A sentence and what is right for it (README.md). */
export interface Sentence {
  readonly server: string;
  readonly sentence: string;
  readonly tool: string | null;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly missing?: readonly string[];
}

/** What the assistant made of a sentence: the tool and the arguments that it runs, or would after a yes or an answer. */
export interface Understood {
  readonly tool: string | null;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly missing: readonly string[];
  /** It runs at once. */
  readonly runs: boolean;
}

/** Says the sentence to the assistant, alone in a chat. */
export function understood(sentence: string, tools: readonly AssistantTool[]): Understood {
  const context: AssistantContext = { tools, now: new Date('2026-11-25T10:00:00Z'), timeZone: 'UTC', canAsk: false };
  const messages: AssistantMessage[] = [{ role: 'user', text: sentence }];
  const turn = assistantTurn(messages, context);
  if (turn.kind === 'run') return { tool: turn.name, arguments: turn.arguments, missing: [], runs: true };
  const question = questionOf(turn.text);
  if (!question) return { tool: null, arguments: {}, missing: [], runs: false };
  const missing = question.argument === undefined ? [] : [question.argument.split('.')[0]!];
  return { tool: question.name, arguments: question.arguments, missing, runs: false };
}
