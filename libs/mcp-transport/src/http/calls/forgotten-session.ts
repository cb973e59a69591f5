/** Longer answers say more than that. */
const MAX_LENGTH = 4_000;

/** As SDKs of several languages, and the servers that are written after their examples, say it. */
const FORGOTTEN = [
  /\b(?:invalid|expired|unknown|no valid|no such|stale|missing)\b[^.<>{}]{0,40}\bsession/i,
  /\bsession(?:[ _-]?id)?\b[^.<>{}]{0,40}\b(?:not found|not exist|no longer|expired|invalid|unknown|terminated|closed|gone)\b/i,
  /\bserver not initialized\b|\bexpect initialize request\b/i,
];

/**
 * Whether a server that refuses a request says that it does not know its session. The specification has HTTP 404 for that; many say it by other
 * statuses, or by an error of JSON-RPC, and in words only.
 */
export function saysForgotten(text: string): boolean {
  return text.length <= MAX_LENGTH && FORGOTTEN.some((words) => words.test(text));
}
