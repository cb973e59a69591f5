import type { JsonObject } from '@app/mcp-openapi';

/** What is between the client and the gateway: a server gets its own. */
const OF_THE_WAY = new Set(['_meta', 'inputResponses', 'requestState']);

/** What a request is about, as its server gets it. */
export function ownParams(params: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !OF_THE_WAY.has(name)));
}
