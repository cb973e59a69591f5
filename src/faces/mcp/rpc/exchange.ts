import type { JsonObject } from '@app/mcp-openapi';
import type { CallSignal, QuestionAnswer, ServerQuestion } from '@app/mcp-transport';
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../../../correlation/caller.js';
import type { RequestContext } from '../../../correlation/request-context.js';
import type { McpSession } from '../session/mcp-session.js';
import type { ClientTraits } from './client-traits.js';
import type { RpcRequest } from './rpc.js';

/** One request, and what its way allows while it is answered. */
export interface Exchange {
  readonly request: RpcRequest;
  readonly client: ClientTraits;
  /** The server that is spoken for; undefined for all together. */
  readonly server: string | undefined;
  readonly caller: Caller;
  readonly context: RequestContext;
  readonly signal: CallSignal;
  /** Of HTTP, where they repeat the body. */
  readonly headers: IncomingHttpHeaders | undefined;
  /** Undefined since 2026-07-28. */
  readonly session: McpSession | undefined;
  /** Says what belongs to the request before its answer; what nobody can hear is dropped. */
  notify(method: string, params: JsonObject): void;
  /** Puts a question of a server to the client. */
  ask(question: ServerQuestion, signal: AbortSignal): Promise<QuestionAnswer>;
  /** Headers that its answer is to have, where it has any. */
  answerHeaders: Readonly<Record<string, string>> | undefined;
}
