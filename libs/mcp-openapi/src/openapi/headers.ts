import type { JsonObject } from '../mcp-types.js';

const COUNT = { type: 'integer', minimum: 0 };

/** The headers of answers of tools, by name, for `#/components/headers` of their documents. */
export const toolHeaderComponents: Readonly<Record<string, JsonObject>> = {
  'X-Correlation-Id': { description: 'Names this request in the logs, and at the MCP server.', schema: { type: 'string' } },
  'X-Output-Schema': {
    description: "`mismatch` where the result does not fit the tool's own outputSchema.",
    schema: { type: 'string', enum: ['mismatch'] },
  },
  'Retry-After': { description: 'Seconds after which a repeat makes sense.', schema: COUNT },
  RateLimit: { description: 'What is left of the limit that decided (draft-ietf-httpapi-ratelimit-headers).', schema: { type: 'string' } },
  'RateLimit-Policy': { description: 'That limit.', schema: { type: 'string' } },
  'X-RateLimit-Limit': { description: 'Calls that are allowed in its window.', schema: COUNT },
  'X-RateLimit-Remaining': { description: 'Calls that are left.', schema: COUNT },
  'X-RateLimit-Reset': { description: 'Seconds to the end of the window.', schema: COUNT },
};

const keptResultComponents: Readonly<Record<string, JsonObject>> = {
  'X-Cache': {
    description:
      'Whether a result that is kept was answered, and whether it is old, since its server is away; only for tools whose results are kept.',
    schema: { type: 'string', enum: ['hit', 'miss', 'stale'] },
  },
  Age: { description: 'Seconds since the server gave the result, if that is kept.', schema: COUNT },
  'Idempotent-Replayed': {
    description: 'The answer is that of an earlier call with the same Idempotency-Key.',
    schema: { type: 'string', enum: ['true'] },
  },
  'Idempotency-Scope': {
    description: '`replica` where this replica alone could tell whether the call was made before.',
    schema: { type: 'string', enum: ['replica'] },
  },
};

/** All headers of the gateway's answers. */
export const headerComponents: Readonly<Record<string, JsonObject>> = { ...toolHeaderComponents, ...keptResultComponents };

const LIMITS = ['RateLimit', 'RateLimit-Policy', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'];

/** What every answer has. */
export const COMMON_HEADERS: JsonObject = referTo(['X-Correlation-Id']);
/** What the answers of calls have that were admitted, or refused for a limit. */
export const LIMITED_HEADERS: JsonObject = referTo(['X-Correlation-Id', ...LIMITS]);
/** The same, with the time to wait for. */
export const WAITING_HEADERS: JsonObject = referTo(['X-Correlation-Id', 'Retry-After', ...LIMITS]);
/** What a result may have besides, told once, with the endpoints of the gateway. */
export const KEPT_RESULT_HEADERS: JsonObject = referTo(Object.keys(keptResultComponents));
/** What a result has; the older spellings of the limits are told with the failures alone, for this is repeated for each tool. */
export const RESULT_HEADERS: JsonObject = referTo(['X-Correlation-Id', 'X-Output-Schema', 'RateLimit', 'RateLimit-Policy']);

function referTo(names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
