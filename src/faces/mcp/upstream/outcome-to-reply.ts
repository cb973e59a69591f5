import {
  isJsonObject,
  type JsonObject,
  type RpcError,
  type ToolOutcome,
  type ToolResult,
  URL_ELICITATION_REQUIRED,
} from '@app/mcp-openapi';
import { canAnswer } from '../../../call/questions/asker.js';
import type { FailedOutcome } from '../../../errors/failed-outcome.js';
import { outcomeToFields } from '../../../errors/failed-outcome.js';
import type { ClientTraits } from '../rpc/client-traits.js';
import { CODE, type Reply } from '../rpc/rpc.js';

/** Where what the gateway knows of a failure stands in a result. */
const ERROR_META_KEY = 'io.mcpo-proxy/error';

/**
 * A call's outcome for a client of MCP. Results and a tool's own no pass as the server wrote them; a name that no tool has is an error of
 * the protocol, and so is what the server itself answered as one; whatever else kept the call from its result is told as a failed tool,
 * so that a model can read it (MCP server/tools "Error Handling").
 */
export function outcomeToReply(outcome: ToolOutcome, client: ClientTraits, correlationId: string): Reply {
  if ('result' in outcome) return { result: resultText(outcome.result, client) };
  const { type, details } = outcome;
  if (type === 'tool_not_found') {
    const message = outcome.message.replace(IN_DOCUMENT, '"tools/list" lists them all.');
    return { failure: { code: CODE.invalidParams, message, data: dataOf(outcome) } };
  }
  const code = details?.['code'];
  const isServersOwn = type === 'upstream_error' || (code === URL_ELICITATION_REQUIRED && takesLinks(client));
  if (isServersOwn && typeof code === 'number') return { failure: upstreamError(code, outcome.message, details?.['data']) };
  return { result: JSON.stringify(failedResult(outcome, client, correlationId)) };
}

/** Where else tools are listed; over stdio there is no such place. */
const IN_DOCUMENT = /GET \S+openapi\.json lists them all\.$/;

/** Since 2026-07-28 there is no error for it: such clients are asked. */
export function takesLinks({ era, capabilities }: ClientTraits): boolean {
  return era === 'legacy' && canAnswer(capabilities, { method: 'elicitation/create', params: { mode: 'url' } });
}

/** The text of a result, with what 2026-07-28 wants of each, where its server is of an older generation. */
export function resultText({ value, text }: ToolResult, { era }: Pick<ClientTraits, 'era'>, more: JsonObject = {}): string {
  if (era === 'legacy') return text;
  let members = value['resultType'] === undefined ? '"resultType":"complete"' : '';
  for (const name in more)
    if (value[name] === undefined) members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(more[name])}`;
  if (members === '') return text;
  const rest = text.slice(text.indexOf('{') + 1);
  return `{${members}${isEmpty(value) ? '' : ','}${rest}`;
}

function isEmpty(value: JsonObject): boolean {
  for (const _ in value) return false;
  return true;
}

/** What kept a request other than a call from its result. */
export function failedToRpc(outcome: FailedOutcome): RpcError {
  const { message } = outcomeToFields(outcome);
  const code = outcome.kind === 'rejected' && outcome.type === 'validation_error' ? CODE.invalidParams : CODE.internalError;
  return { code, message: messageOf(outcome, message), data: dataOf(outcome) };
}

function upstreamError(code: number, message: string, data: unknown): RpcError {
  return { code, message, ...(data !== undefined && { data }) };
}

function failedResult(outcome: Exclude<ToolOutcome, { result: unknown }>, { era }: ClientTraits, correlationId: string): JsonObject {
  const text = messageOf(outcome, outcome.message);
  const error = { ...dataOf(outcome), correlation_id: correlationId };
  return {
    ...(era === 'modern' && { resultType: 'complete' }),
    content: [{ type: 'text', text }],
    isError: true,
    _meta: { [ERROR_META_KEY]: error },
  };
}

/** With why, and when it may be asked for again: a model sees nothing but the text. */
function messageOf(outcome: FailedOutcome, message: string): string {
  const { details, retryAfterSeconds } =
    outcome.kind === 'tool_error' ? {} : (outcome as Partial<Extract<FailedOutcome, { kind: 'rejected' }>>);
  const reason = details?.['reason'];
  const why =
    outcome.kind === 'unavailable' && typeof reason === 'string' && reason.includes(' ') && !message.includes(reason) ? `: ${reason}` : '';
  const when = retryAfterSeconds === undefined || message.includes('try again') ? '' : ` Try again in ${retryAfterSeconds} s.`;
  return `${message}${why}${when}`;
}

function dataOf(outcome: FailedOutcome): JsonObject {
  const { type, details, retryAfterSeconds } = outcomeToFields(outcome);
  return {
    type,
    ...(isJsonObject(details) && { details }),
    ...(retryAfterSeconds !== undefined && { retry_after: retryAfterSeconds }),
  };
}
