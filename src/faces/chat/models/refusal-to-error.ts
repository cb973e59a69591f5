import { isJsonObject, plainText } from '@app/mcp-openapi';
import { ChatError, modelFailed } from '../openai-error.js';

/** Longest message of a model's server that is passed on. */
const MAX_MESSAGE_LENGTH = 2_000;
/** What the caller can mend, or has to wait for. */
const PASSED = new Set([400, 404, 409, 413, 415, 422, 429]);

/** What the caller is told of an answer of this status; `text`: its body, in which the gateway's key does not stand. */
export function refusalToError(status: number, text: string, retryAfter: string | undefined): ChatError {
  if (status === 401 || status === 403) {
    const message = `The model's server refused the gateway's own key (HTTP ${status}): whoever runs the gateway has to renew it (OPENAI_API_KEY).`;
    return modelFailed(message, 502, 'gateway_credentials');
  }
  const said = errorIn(text);
  const message = said.message ?? `The model's server answered HTTP ${status}${status >= 300 && status < 400 ? ', a redirect' : ''}.`;
  const after = retryAfter !== undefined && /^[\w ,:]{1,40}$/.test(retryAfter) ? retryAfter : undefined;
  if (!PASSED.has(status)) return modelFailed(message, status === 503 ? 503 : 502, said.code ?? undefined, after);
  const type = said.type ?? (status === 429 ? 'rate_limit_error' : 'invalid_request_error');
  return new ChatError(status, { message, type, param: said.param ?? null, code: said.code ?? null }, after);
}

interface Said {
  readonly message?: string | undefined;
  readonly type?: string | undefined;
  readonly param?: string | undefined;
  readonly code?: string | undefined;
}

/** What an error of a model's server says: as OpenAI has it, or as others do. Nothing where it is no JSON. */
export function errorIn(text: string): Said {
  try {
    return saidBy(JSON.parse(text));
  } catch {
    return {};
  }
}

/** The same of one that is parsed. */
export function saidBy(value: unknown): Said {
  if (!isJsonObject(value)) return {};
  const { error, message, detail } = value;
  if (typeof error === 'string') return { message: words(error) };
  if (isJsonObject(error))
    return { message: words(error['message']), type: words(error['type']), param: words(error['param']), code: words(error['code']) };
  return { message: words(message) ?? words(detail) };
}

function words(value: unknown): string | undefined {
  const text = typeof value === 'number' ? `${value}` : plainText(value, MAX_MESSAGE_LENGTH);
  return text === '' ? undefined : text;
}

/** Shorter keys are words. */
const MIN_KEY_LENGTH = 6;

/** A text with the key taken out, also where its ends alone are shown, as OpenAI does. */
export function withoutKey(text: string, key: string | undefined): string {
  if (key === undefined || key.length < MIN_KEY_LENGTH) return text;
  return text.replaceAll(key, '[hidden]').replaceAll(/\bsk-[\w*.-]+/g, '[hidden]');
}
