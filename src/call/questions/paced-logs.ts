import type { JsonObject } from '@app/mcp-openapi';

/** Of one request in a second, and their characters; those beyond are dropped. */
const MAX_IN_SECOND = 50;
const MAX_CHARACTERS = 512 * 1024;
const SECOND_MS = 1_000;

/** Passes on what a server logs of one request, but not a flood of it. */
export function pacedLogs(tell: (params: JsonObject) => void): (params: JsonObject) => void {
  let [until, count, characters] = [0, 0, 0];
  return (params) => {
    const now = performance.now();
    if (now >= until) [until, count, characters] = [now + SECOND_MS, 0, 0];
    count += 1;
    if (count > MAX_IN_SECOND) return;
    characters += JSON.stringify(params).length;
    if (characters <= MAX_CHARACTERS) tell(params);
  };
}
