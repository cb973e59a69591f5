import type { JsonObject } from '../mcp-types.js';
import { COMMON_HEADERS, LIMITED_HEADERS, WAITING_HEADERS } from './headers.js';

/** A failure that an operation declares. */
interface ErrorResponse {
  /** Under `#/components/responses`. */
  readonly name: string;
  readonly description: string;
  readonly headers: JsonObject;
  readonly example: { readonly type: string; readonly message: string; readonly [field: string]: unknown };
}

const MISSING_TITLE = { field: 'title', issue: 'required' };

/** By status. Those that come before a call is admitted tell nothing of limits. */
const ERROR_RESPONSES: Readonly<Record<string, ErrorResponse>> = {
  '400': {
    name: 'ValidationError',
    description: 'The arguments do not fit, or the body is not JSON; `details` says where.',
    headers: LIMITED_HEADERS,
    example: {
      type: 'validation_error',
      message: 'Invalid params: title is required',
      details: { ...MISSING_TITLE, problems: [MISSING_TITLE] },
    },
  },
  '401': {
    name: 'AuthenticationError',
    description: 'There is no valid key or token.',
    headers: COMMON_HEADERS,
    example: {
      type: 'authentication_error',
      message: 'Authentication failed: send a valid API key or token as "Authorization: Bearer ...".',
    },
  },
  '403': {
    name: 'PermissionError',
    description: 'The caller may not use this, or asks from a place that may not.',
    headers: LIMITED_HEADERS,
    example: { type: 'permission_error', message: 'You may not use "delete_task".' },
  },
  '404': {
    name: 'ToolNotFound',
    description: 'There is no such tool (any more).',
    headers: LIMITED_HEADERS,
    example: {
      type: 'tool_not_found',
      message: 'There is no tool "create_tsk". Did you mean create_task?',
      details: { tool: 'create_tsk', closest: ['create_task'] },
    },
  },
  '409': {
    name: 'Conflict',
    description: 'Another call had the same Idempotency-Key; this one was not made.',
    headers: LIMITED_HEADERS,
    example: {
      type: 'conflict',
      message: 'A call of this tool with the same Idempotency-Key had other arguments.',
      details: { reason: 'idempotency_key_reused' },
    },
  },
  '413': {
    name: 'PayloadTooLarge',
    description: 'The body is too large.',
    headers: COMMON_HEADERS,
    example: { type: 'payload_too_large', message: 'The body is larger than 1048576 bytes.', details: { max_bytes: 1_048_576 } },
  },
  '415': {
    name: 'UnsupportedMediaType',
    description: 'The body is not JSON, or compressed.',
    headers: COMMON_HEADERS,
    example: { type: 'unsupported_media_type', message: 'Send the body as application/json.' },
  },
  '422': {
    name: 'ToolError',
    description: 'The tool ran and says no; `message` is its own text.',
    headers: LIMITED_HEADERS,
    example: { type: 'tool_error', message: 'There is no plan "abc".' },
  },
  '429': {
    name: 'RateLimited',
    description: 'A limit is exceeded; `retry_after` says for how many seconds.',
    headers: WAITING_HEADERS,
    example: {
      type: 'rate_limit_error',
      message: 'You may make 100 calls in 60 s, and have made them: try again in 12 s.',
      details: { scope: 'client', limit: 100, window_seconds: 60 },
      retry_after: 12,
    },
  },
  '500': {
    name: 'InternalError',
    description: 'The gateway failed; its log has more.',
    headers: LIMITED_HEADERS,
    example: { type: 'internal_error', message: 'The gateway failed. The log has more under this correlation id.' },
  },
  '502': {
    name: 'UpstreamError',
    description: 'The MCP server answered with a fault, or its answer was lost and the call may have run.',
    headers: LIMITED_HEADERS,
    example: { type: 'upstream_error', message: 'database is locked', details: { code: -32_603 } },
  },
  '503': {
    name: 'UpstreamUnavailable',
    description:
      'The MCP server cannot be reached, or the gateway has no room; the tool did not run. `retry_after` says when to try again.',
    headers: WAITING_HEADERS,
    example: {
      type: 'upstream_unavailable',
      message: 'Service temporarily unavailable',
      details: { server: 'planner', reason: 'connect ECONNREFUSED' },
      retry_after: 2,
    },
  },
  '504': {
    name: 'UpstreamTimeout',
    description: 'The MCP server gave no sign of life in time; the call may have run.',
    headers: LIMITED_HEADERS,
    example: { type: 'upstream_timeout', message: 'The MCP server gave no sign of life for 30 s. The tool may have run.' },
  },
};

const FIELDS: JsonObject = {
  type: { type: 'string', description: 'What kind of failure it is, for programs.' },
  message: { type: 'string', description: 'What is wrong and what to do, for people and models.' },
  details: { type: 'object', additionalProperties: true, description: 'What the message says, for programs.' },
  correlation_id: { type: 'string', description: 'Names this request in the logs.' },
  retry_after: { type: 'integer', description: 'Seconds after which a repeat makes sense.' },
};

const ERROR_BODY: JsonObject = {
  type: 'object',
  required: ['error'],
  properties: { error: { type: 'object', required: ['type', 'message', 'correlation_id'], properties: FIELDS } },
};

const PROBLEM_BODY: JsonObject = {
  type: 'object',
  description: 'The same as problem details (RFC 9457), for who accepts these.',
  required: ['type', 'title', 'status', 'detail', 'message', 'correlation_id'],
  properties: {
    ...FIELDS,
    title: { type: 'string', description: 'The words of the status.' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'The message.' },
  },
};

/** The error responses of an operation that calls a tool, by reference to `errorComponents`. */
export const errorResponses: Readonly<Record<string, JsonObject>> = Object.fromEntries(
  Object.entries(ERROR_RESPONSES).map(([status, { name }]) => [status, { $ref: `#/components/responses/${name}` }]),
);

/** What `errorResponses` refer to. */
export const errorComponents: { readonly schemas: JsonObject; readonly responses: JsonObject } = {
  schemas: { Error: ERROR_BODY, Problem: PROBLEM_BODY },
  responses: Object.fromEntries(Object.values(ERROR_RESPONSES).map((response) => [response.name, toComponent(response)])),
};

function toComponent({ description, headers, example: { type, message, details, ...rest } }: ErrorResponse): JsonObject {
  const fields = {
    type,
    message,
    ...(details !== undefined && { details }),
    correlation_id: '0b6e8a52-77a0-4a53-9a5a-1f0f2f2c9a11',
    ...rest,
  };
  return {
    description,
    headers,
    content: {
      'application/json': { schema: { $ref: '#/components/schemas/Error' }, example: { error: fields } },
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    },
  };
}
