import type { JsonObject, RpcError } from '@app/mcp-openapi';

const METHODS = ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const;

/** What a server may ask in the course of a call (MCP client/elicitation, client/sampling, client/roots). */
export type QuestionMethod = (typeof METHODS)[number];

/** A question of a server, as it wrote it. */
export interface ServerQuestion {
  readonly method: QuestionMethod;
  readonly params: JsonObject;
  /** Under which it stands among those of its round, since 2026-07-28. */
  readonly key?: string;
}

/** The JSON-RPC result that answers a question, or the error. */
export type QuestionAnswer = { readonly result: JsonObject } | { readonly error: RpcError };

/** Whether a server's request is one that is put to a client. */
export function isQuestionMethod(method: unknown): method is QuestionMethod {
  return METHODS.includes(method as QuestionMethod);
}

/** The answer where nobody is asked: an elicitation can be declined, the others refused. */
export function declined({ method }: ServerQuestion): QuestionAnswer {
  switch (method) {
    case 'elicitation/create':
      return { result: { action: 'decline' } };
    case 'sampling/createMessage':
      return { error: { code: -1, message: 'Nobody samples for this call.' } };
    case 'roots/list':
      return { error: { code: -32_601, message: 'Nobody has roots for this call.' } };
    default: {
      const exhaustive: never = method;
      return exhaustive;
    }
  }
}

/** The answer where whoever was asked gave none. */
export function unanswered(question: ServerQuestion): QuestionAnswer {
  if (question.method === 'elicitation/create') return { result: { action: 'cancel' } };
  return { error: { code: -1, message: 'The question was not answered.' } };
}
