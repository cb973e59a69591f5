import type { JsonObject } from '../mcp-types.js';

/** The failures of a call that an operation declares: status, name under `#/components/responses`, what it means. */
const ERROR_RESPONSES = [
  ['400', 'ValidationError', 'The arguments do not fit, or the body is not JSON; `details` says where.'],
  ['404', 'ToolNotFound', 'There is no such tool (any more).'],
  ['422', 'ToolError', 'The tool ran and says no; `message` is its own text.'],
  ['429', 'RateLimited', 'A limit is exceeded; `retry_after` says for how many seconds.'],
  ['502', 'UpstreamError', 'The MCP server answered with a fault, or its answer was lost and the call may have run.'],
  ['503', 'UpstreamUnavailable', 'The MCP server cannot be reached; `retry_after` says when to try again.'],
  ['504', 'UpstreamTimeout', 'The MCP server gave no sign of life in time; the call may have run.'],
] as const;

const ERROR_BODY: JsonObject = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['type', 'message', 'correlation_id'],
      properties: {
        type: { type: 'string', description: 'What kind of failure it is, for programs.' },
        message: { type: 'string', description: 'What is wrong and what to do, for people and models.' },
        details: { type: 'object', description: 'What the message says, for programs.' },
        correlation_id: { type: 'string', description: 'Names this request in the logs.' },
        retry_after: { type: 'integer', description: 'Seconds after which a repeat makes sense.' },
      },
    },
  },
};

/** The error responses of an operation, by reference to `errorComponents`. */
export const errorResponses: Readonly<Record<string, JsonObject>> = Object.fromEntries(
  ERROR_RESPONSES.map(([status, name]) => [status, { $ref: `#/components/responses/${name}` }]),
);

/** What `errorResponses` refer to. */
export const errorComponents: { readonly schemas: JsonObject; readonly responses: JsonObject } = {
  schemas: { Error: ERROR_BODY },
  responses: Object.fromEntries(ERROR_RESPONSES.map(([, name, description]) => [name, errorResponse(description)])),
};

function errorResponse(description: string): JsonObject {
  return { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } };
}
