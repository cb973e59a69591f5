import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { RESULT_HEADERS } from './headers.js';

/** What `application/vnd.mcp+json` holds, for `#/components/schemas`. */
export const resultComponents: { readonly CallToolResult: JsonObject } = {
  CallToolResult: {
    type: 'object',
    description: "The tool's whole result, as MCP has it.",
    properties: {
      content: {
        type: 'array',
        items: { type: 'object', required: ['type'], properties: { type: { type: 'string' } }, additionalProperties: true },
      },
      structuredContent: {},
      isError: { type: 'boolean' },
      _meta: { type: 'object', additionalProperties: true },
    },
    additionalProperties: true,
  },
};

const BESIDE = 'The structured result first, then what the tool said beside it.';

/**
 * The answer to a call that went well. A tool that declares what its results are answers that or, where it says more, an array; one that does not
 * may answer text and images as such. `published` is its outputSchema as it is published, `{}` without one.
 */
export function resultResponse(published: JsonObject, outputSchema: unknown, inlineHtml = false): JsonObject {
  const whole = { 'application/vnd.mcp+json': { schema: { $ref: '#/components/schemas/CallToolResult' } } };
  const content = isJsonObject(outputSchema)
    ? { 'application/json': { schema: { anyOf: [published, { type: 'array', items: {}, minItems: 2, description: BESIDE }] } }, ...whole }
    : {
        'application/json': { schema: published },
        ...whole,
        'text/plain': { schema: { type: 'string' } },
        'image/*': { schema: { type: 'string', format: 'binary' } },
        ...(inlineHtml && { 'text/html': { schema: { type: 'string' } } }),
      };
  return { description: 'The result of the tool.', headers: RESULT_HEADERS, content };
}
