type Swagger = typeof import('@nestjs/swagger');
type Media = Readonly<Record<string, { readonly schema: object; readonly example: unknown }>>;

/**
 * The answers of an endpoint of the gateway, for {@link Documented}: the good one by its types, and the statuses of its failures, which
 * {@link gatewayDocument} describes as all documents do.
 */
export function answers(swagger: Swagger, description: string, content: Media, failures: readonly number[] = []): MethodDecorator[] {
  const good = swagger.ApiResponse({ status: 200, description, content: content as Record<string, object> });
  return [good, ...failures.map((status) => swagger.ApiResponse({ status, description: FAILURE }))];
}

/** A name in a path. */
export function nameParameter(swagger: Swagger, name: 'name' | 'server' | 'tool', description: string): MethodDecorator {
  const example = name === 'server' ? 'planner' : 'create_task';
  return swagger.ApiParam({ name, description, schema: { type: 'string', minLength: 1, example } });
}

/** Headers that a call may have. */
export function callHeaders(swagger: Swagger): MethodDecorator[] {
  return [
    swagger.ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'With it the call is made once within 24 hours, however often it is sent.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    swagger.ApiHeader({
      name: 'Cache-Control',
      required: false,
      description: '`no-cache` asks the server also where a result is kept.',
      schema: { type: 'string' },
    }),
  ];
}

/** Stands for the description of a failure until the document is put together. */
export const FAILURE = 'failure';

/** What may go wrong with any call. */
export const CALL_FAILURES = [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 502, 503, 504];

const ANYTHING = { description: 'What the tool answers: any JSON, an array where it answers several things.' };
const TASK = { id: 'task_1', title: 'Review quarterly reports', completed: false };

/** What comes of a call. */
export const RESULT: Media = {
  'application/json': { schema: ANYTHING, example: TASK },
  'application/vnd.mcp+json': {
    schema: { $ref: '#/components/schemas/CallToolResult' },
    example: { content: [{ type: 'text', text: JSON.stringify(TASK) }], structuredContent: TASK },
  },
  'text/plain': { schema: { type: 'string' }, example: 'The task is created.' },
  'image/*': { schema: { type: 'string', format: 'binary' }, example: '(bytes)' },
  'text/event-stream': {
    schema: { type: 'string', description: 'Events `progress`, then `result` or `error`, with JSON as their data.' },
    example: 'event: progress\ndata: {"progress":1,"total":2}\n\nevent: result\ndata: {"status":200,"result":{"id":"task_1"}}\n\n',
  },
  'text/html': { schema: { type: 'string' }, example: '<p>A page of the tool, where its server may show some</p>' },
};

/** A document of tools. */
export const DOCUMENT: Media[string] = {
  schema: {
    type: 'object',
    description: 'An OpenAPI 3.1 document.',
    required: ['openapi', 'info', 'paths', 'components'],
    properties: {
      openapi: { type: 'string' },
      info: { type: 'object', additionalProperties: true },
      servers: { type: 'array', items: { type: 'object', additionalProperties: true } },
      paths: { type: 'object', additionalProperties: true },
      components: { type: 'object', additionalProperties: true },
    },
    additionalProperties: true,
  },
  example: { openapi: '3.1.0', info: { title: 'MCP tools', version: '0.1.0' }, servers: [{ url: '/' }], paths: {}, components: {} },
};
