import { errorResponses, securityOf } from '@app/mcp-openapi';

/** The group of the operations that describe tools; no server has this name, for its routes are the gateway's. */
export const DESCRIPTIONS_TAG = { name: 'docs', description: 'The tools, each described.' };

/** What a description may fail with. */
const FAILURES = ['400', '401', '403', '404', '500'];

/**
 * `GET` at the path of a tool. It has no operationId: Open WebUI would take it for a tool. Documents are public, and show the holder of a key what
 * that may use, unless they need one as calls do.
 */
export function descriptionOperation(needsKey: boolean, isStrict: boolean) {
  return {
    summary: 'This tool, described',
    description: 'The tool of this path alone, as an OpenAPI document or as MCP lists it.',
    tags: [DESCRIPTIONS_TAG.name],
    security: securityOf(needsKey ? (isStrict ? true : undefined) : false),
    parameters: [FORMAT_PARAMETER],
    responses: {
      '200': {
        description: 'The description.',
        headers: { 'X-Correlation-Id': { $ref: '#/components/headers/X-Correlation-Id' } },
        content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
      },
      ...Object.fromEntries(FAILURES.map((status) => [status, errorResponses[status]])),
    },
  };
}

/** The forms that tools are described in. */
export const FORMATS = ['openapi', 'mcp'] as const;

const FORMAT_PARAMETER = {
  name: 'format',
  in: 'query',
  description: 'The form of the description.',
  schema: { type: 'string', enum: FORMATS, default: 'openapi' },
};
