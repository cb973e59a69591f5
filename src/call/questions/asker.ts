import type { JsonObject } from '@app/mcp-openapi';
import { isJsonObject } from '@app/mcp-openapi';
import type { QuestionAnswer, ServerQuestion } from '@app/mcp-transport';
import type { Upstream } from '../../mcp-client/upstream.js';

/** A face that can put a server's question to whoever makes the call. */
export interface Asker {
  /** What it can answer: client capabilities as MCP writes them (`elicitation`, `sampling`, `roots`). */
  readonly capabilities: JsonObject;
  /** It tells of the links that a server's own error names (-32042) by that error. */
  readonly tellsOfLinks?: boolean;
  /** Is told of a link that the server of its call wants opened: when the server is done with it, it says so of this id. */
  noteLink?(elicitationId: string, upstream: Upstream): void;
  /** Resolves with the answer. The signal is aborted when the question is withdrawn: nobody waits for its answer any more. */
  ask(question: ServerQuestion, signal: AbortSignal): Promise<QuestionAnswer>;
}

/** Whether who has these capabilities can answer the question. */
export function canAnswer(capabilities: JsonObject, { method, params }: ServerQuestion): boolean {
  const { elicitation, sampling, roots } = capabilities;
  switch (method) {
    case 'elicitation/create':
      return isJsonObject(elicitation) && takesMode(elicitation, params['mode'] ?? 'form');
    case 'sampling/createMessage':
      return isJsonObject(sampling) && (params['tools'] === undefined || isJsonObject(sampling['tools']));
    case 'roots/list':
      return isJsonObject(roots);
    default: {
      const exhaustive: never = method;
      return exhaustive;
    }
  }
}

/** One that names no mode takes forms (MCP 2025-11-25 client/elicitation "Capabilities"). */
function takesMode(elicitation: JsonObject, mode: unknown): boolean {
  if (mode === 'form') return isJsonObject(elicitation['form']) || !isJsonObject(elicitation['url']);
  return mode === 'url' && isJsonObject(elicitation['url']);
}
