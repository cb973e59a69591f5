import type { McpTool } from '../mcp-types.js';
import { toolToOperation } from './tool-to-operation.js';
import { toolsToDocument } from './tools-to-document.js';

const tool: McpTool = {
  name: 'create_task',
  title: 'Create a task',
  description: 'Creates a task in a plan.',
  inputSchema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
  outputSchema: { type: 'object', properties: { id: { type: 'string' } } },
};
const published = { publishedName: 'create_task', server: 'planner', tool };
const errors = {
  '400': { $ref: '#/components/responses/ValidationError' },
  '401': { $ref: '#/components/responses/AuthenticationError' },
  '403': { $ref: '#/components/responses/PermissionError' },
  '404': { $ref: '#/components/responses/ToolNotFound' },
  '409': { $ref: '#/components/responses/Conflict' },
  '413': { $ref: '#/components/responses/PayloadTooLarge' },
  '415': { $ref: '#/components/responses/UnsupportedMediaType' },
  '422': { $ref: '#/components/responses/ToolError' },
  '429': { $ref: '#/components/responses/RateLimited' },
  '500': { $ref: '#/components/responses/InternalError' },
  '502': { $ref: '#/components/responses/UpstreamError' },
  '503': { $ref: '#/components/responses/UpstreamUnavailable' },
  '504': { $ref: '#/components/responses/UpstreamTimeout' },
};

const headers = Object.fromEntries(
  ['X-Correlation-Id', 'X-Output-Schema', 'RateLimit', 'RateLimit-Policy'].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
);
const whole = { 'application/vnd.mcp+json': { schema: { $ref: '#/components/schemas/CallToolResult' } } };

describe('toolToOperation', () => {
  it('[AC7] [T1] is the whole tool', () => {
    expect(toolToOperation(published)).toEqual({
      operationId: 'create_task',
      summary: 'Create a task',
      description: 'Creates a task in a plan.',
      tags: ['planner'],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
            example: { title: 'string' },
          },
        },
      },
      responses: {
        '200': {
          description: 'The result of the tool.',
          headers,
          content: {
            'application/json': {
              schema: {
                anyOf: [
                  { type: 'object', properties: { id: { type: 'string' } } },
                  { type: 'array', items: {}, minItems: 2, description: 'The structured result first, then what the tool said beside it.' },
                ],
              },
            },
            ...whole,
          },
        },
        ...errors,
      },
    });
  });

  it.each<[Partial<McpTool>, string, string]>([
    [{ title: undefined }, 'create_task', 'Creates a task in a plan.'],
    [{ title: '', annotations: { title: 'Create' } }, 'Create', 'Creates a task in a plan.'],
    [{ title: 5, annotations: null, description: null }, 'create_task', 'create_task'],
    [{ description: '  \n ' }, 'Create a task', 'Create a task'],
    [{ name: '\u202E', title: undefined, description: undefined }, 'create_task', 'create_task'],
    [{ description: 'safe\u202E\u0007 words' }, 'Create a task', 'safe words'],
  ])('[AC7] with %j has summary %j and description %j', (changes, summary, description) => {
    expect(toolToOperation({ ...published, tool: { ...tool, ...changes } })).toMatchObject({ summary, description });
  });

  it('[AC7] takes an empty body where nothing is required, and tells the alternatives of a root union in the description', () => {
    const inputSchema = {
      anyOf: [
        { title: 'By id', properties: { id: { type: 'string' } }, required: ['id'] },
        { properties: { kind: { const: 'all' }, limit: {} } },
      ],
    };
    const operation = toolToOperation({ ...published, tool: { ...tool, inputSchema, outputSchema: undefined } });
    expect(operation.requestBody.required).toBe(false);
    expect(operation.description).toBe(
      'Creates a task in a plan.\n\nGive the arguments of one of these alternatives: By id: id | kind=all (optional), limit (optional)',
    );
    expect(operation.responses['200']).toEqual({
      description: 'The result of the tool.',
      headers,
      content: {
        'application/json': { schema: {} },
        ...whole,
        'text/plain': { schema: { type: 'string' } },
        'image/*': { schema: { type: 'string', format: 'binary' } },
      },
    });
  });

  it('[AC7] caps a description of a megabyte', () => {
    const { description } = toolToOperation({ ...published, tool: { ...tool, description: 'x'.repeat(1_000_000) } });
    expect(description).toHaveLength(8_192);
    expect(description.endsWith('…')).toBe(true);
  });
});

describe('toolsToDocument', () => {
  it('[AC7] holds paths and components even without tools, and resolves its own references', () => {
    const document = toolsToDocument({ tools: [], info: { title: 'Empty', version: '1', description: 'None.' }, pathOf: (name) => name });
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Empty', version: '1', description: 'None.' },
      security: [{}, { bearerAuth: [] }],
      paths: {},
    });
    const { responses, schemas, securitySchemes } = document.components as Record<string, Record<string, unknown>>;
    expect(Object.keys(responses ?? {})).toEqual(Object.values(errors).map(({ $ref }) => $ref.split('/').pop()));
    expect(JSON.stringify(responses)).toContain('"$ref":"#/components/schemas/Error"');
    expect(schemas).toHaveProperty('Error.properties.error.required', ['type', 'message', 'correlation_id']);
    expect(securitySchemes).toMatchObject({ bearerAuth: { type: 'http', scheme: 'bearer' } });
  });

  it('[AC7] puts each operation at its path, and takes operations that the caller kept', () => {
    const kept = { ...toolToOperation(published), summary: 'kept' };
    const { paths } = toolsToDocument({
      tools: [published],
      info: { title: 't', version: '1' },
      pathOf: (name) => `/v1/tools/${name}`,
      operations: () => kept,
    });
    expect(paths).toEqual({ '/v1/tools/create_task': { post: kept } });
    expect(paths['/v1/tools/create_task']?.post).toBe(kept);
  });
});
