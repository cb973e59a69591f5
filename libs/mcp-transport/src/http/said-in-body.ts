import { isJsonObject, plainText } from '@app/mcp-openapi';

/** Of a longer body it is not looked for. */
const MAX_BODY = 16_000;
/** Where JSON says what is wrong, the one that says most first: JSON-RPC and most APIs, OAuth, FastAPI, problem details. */
const MEMBERS = ['message', 'error_description', 'detail', 'title', 'error'] as const;

/**
 * What the body of an HTTP error says to a reader; undefined where that is nothing, or a page for browsers. Whoever shows it takes credentials out
 * first, and then cuts it: half a credential would not be found.
 */
export function saidInBody(text: string): string | undefined {
  if (text.length > MAX_BODY || text.trimStart().startsWith('<')) return undefined;
  const value = parsed(text);
  return plainText(value === undefined ? text : memberOf(value), MAX_BODY) || undefined;
}

/** The same where it is an error of JSON-RPC alone: what else is said to whoever is refused may repeat what they came with. */
export function saidInRpcError(text: string): string | undefined {
  const value = text.length > MAX_BODY ? undefined : parsed(text);
  const error = isJsonObject(value) ? value['error'] : undefined;
  return isJsonObject(error) && typeof error['code'] === 'number' ? plainText(error['message'], MAX_BODY) || undefined : undefined;
}

function memberOf(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  const { error } = value;
  const told = isJsonObject(error) ? error : value;
  return MEMBERS.map((name) => told[name]).find((said) => typeof said === 'string' && said !== '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
