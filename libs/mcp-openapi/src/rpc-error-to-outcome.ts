import { isJsonObject } from './json-object.js';
import { ALL_ARGUMENTS } from './arguments-validator/field-path.js';
import { plainText, shownJson } from './plain-text.js';
import { problemToText } from './problem.js';
import { serverProblems } from './server-problems.js';
import type { ToolOutcome } from './tool-outcome.js';

/** The `error` member of a JSON-RPC answer (JSON-RPC 2.0 section 5.1). */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Of a message, and of the data beside it, a caller is told so many characters. */
const MAX_LENGTH = 8_000;

/** What stands beside the message of what it says already. */
const MAX_ISSUE_LENGTH = 500;

const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;
/** The user has to open a link first (MCP 2025-11-25 client/elicitation "URL Elicitation Required Error"). */
export const URL_ELICITATION_REQUIRED = -32042;

/** What a server's JSON-RPC error to a `tools/call` means, in its words as they may be shown; `toolStillListed` is what its refreshed `tools/list` says. */
export function rpcErrorToOutcome(said: RpcError, context: { readonly toolStillListed: boolean }): ToolOutcome {
  const error = { ...said, data: said.data === undefined ? undefined : shownJson(said.data, MAX_LENGTH) };
  const message = withoutSdkPrefix(error.message) || 'The MCP server refused the call without a message.';
  if (error.code === METHOD_NOT_FOUND) return toolNotFound(message, error.data);
  if (error.code === INVALID_PARAMS)
    return context.toolStillListed ? invalidParams(message, error.data) : toolNotFound(message, error.data);
  const link = error.code === URL_ELICITATION_REQUIRED ? firstLink(error.data) : undefined;
  if (link) return linkRequired(message, link, error.data);
  const details = error.data === undefined ? { code: error.code } : { code: error.code, data: error.data };
  return { kind: 'unavailable', type: 'upstream_error', message, details };
}

/** SDK servers print `MCP error -32602: ` before the message that the tool's author wrote. */
function withoutSdkPrefix(message: unknown): string {
  return plainText(message, MAX_LENGTH).replace(/^(?:MCP error -?\d+: )+/, '');
}

/** What a server wants its user to open. */
interface ServersLink {
  readonly url: string;
  /** Empty where it says nothing of it. */
  readonly message: string;
  readonly elicitationId: string | undefined;
}

/** The first in the data of {@link URL_ELICITATION_REQUIRED} that a browser can open. */
export function firstLink(data: unknown): ServersLink | undefined {
  const elicitations = isJsonObject(data) && Array.isArray(data['elicitations']) ? (data['elicitations'] as unknown[]) : [];
  for (const one of elicitations) {
    if (!isJsonObject(one) || typeof one['url'] !== 'string' || !/^https?:\/\//.test(one['url'])) continue;
    const { url, message, elicitationId } = one;
    return {
      url,
      message: typeof message === 'string' ? plainText(message, MAX_ISSUE_LENGTH) : '',
      elicitationId: typeof elicitationId === 'string' ? elicitationId : undefined,
    };
  }
  return undefined;
}

function linkRequired(message: string, { url, message: why }: ServersLink, data: unknown): ToolOutcome {
  const reason = why === '' || why === message ? message : `${message}: ${why}`;
  return {
    kind: 'rejected',
    type: 'permission_error',
    message: `${reason} Ask the user to open ${url} in a browser, and then call the tool again.`,
    details: { reason: 'url_elicitation_required', url, code: URL_ELICITATION_REQUIRED, data },
  };
}

function toolNotFound(message: string, data: unknown): ToolOutcome {
  return { kind: 'rejected', type: 'tool_not_found', message, ...detailsOf(data) };
}

/** In the one shape of problems with arguments, whoever judged them; what else the server said of them is kept. */
function invalidParams(message: string, data: unknown): ToolOutcome {
  const inData = serverProblems(data);
  const found = inData.length > 0 ? inData : serverProblems(jsonAtEndOf(message));
  const text = found.length > 0 && message === 'Invalid params' ? `${message}: ${found.map(problemToText).join('; ')}` : message;
  const problems = found.length > 0 ? found : [{ field: ALL_ARGUMENTS, issue: plainText(message, MAX_ISSUE_LENGTH) }];
  return { kind: 'rejected', type: 'validation_error', message: text, details: { ...detailsOf(data).details, ...problems[0], problems } };
}

/** SDK servers write the list of what zod found behind their sentence: `Invalid arguments for tool x: [{"path":["a"],"message":"Required"}]`. */
function jsonAtEndOf(message: string): unknown {
  const start = message.search(/[[{]\s*[{"]/);
  try {
    return start === -1 ? undefined : JSON.parse(message.slice(start));
  } catch {
    return undefined;
  }
}

function detailsOf(data: unknown): { details?: Record<string, unknown> } {
  if (data === undefined || data === null) return {};
  return { details: isJsonObject(data) ? data : { data } };
}
