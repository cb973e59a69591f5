import type { FetchLike } from '@modelcontextprotocol/client';
import { isJsonObject } from '@app/mcp-openapi';

/**
 * `fetch` of tokens whose answers tell how long a token lives as a positive number of seconds (RFC 6749 5.1), or not at all. Of everything
 * else that servers write there (0, null, a list, a word) the SDK makes a token that has ended, or none.
 */
export function withReadableLifetime(fetchFn: FetchLike): FetchLike {
  return async (url, init) => {
    const response = await fetchFn(url, init);
    const text = readable(await response.text());
    return new Response(text === '' ? null : text, { status: response.status, headers: response.headers });
  };
}

function readable(text: string): string {
  const answer = parsed(text);
  if (!isJsonObject(answer) || !('expires_in' in answer) || isLifetime(answer['expires_in'])) return text;
  return JSON.stringify({ ...answer, expires_in: undefined });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Some servers write the number as a text. */
function isLifetime(value: unknown): boolean {
  const seconds = typeof value === 'string' && /^[\d.]+$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 && Number.isFinite(seconds);
}
