import { COMMON_HEADERS, errorResponses, securityOf } from '@app/mcp-openapi';

/** The group of the operations that describe tools; no server has this name, for its routes are the gateway's. */
export const DESCRIPTIONS_TAG = { name: 'docs', description: 'The tools, each described.' };

/** The forms that tools are described in. */
export const FORMATS = ['openapi', 'mcp'] as const;

/** What a description may fail with. */
const FAILURES = ['400', '401', '403', '404', '500'];

/**
 * `GET` at the path of a tool, short, for it is repeated for each. It has no operationId: Open WebUI would take it for a tool. Documents are public,
 * and show the holder of a key what that may use, unless they need one as calls do.
 */
export function descriptionOperation(needsKey: boolean, isStrict: boolean) {
  return {
    summary: 'This tool, described',
    tags: [DESCRIPTIONS_TAG.name],
    ...(needsKey && { security: securityOf(isStrict ? true : undefined) }),
    parameters: [{ $ref: '#/components/parameters/Format' }],
    responses: {
      '200': { $ref: '#/components/responses/Description' },
      ...Object.fromEntries(FAILURES.map((status) => [status, errorResponses[status]])),
    },
  };
}

/** What {@link descriptionOperation} refers to. */
export const DESCRIPTION_COMPONENTS = {
  parameters: {
    Format: {
      name: 'format',
      in: 'query',
      description: 'The form of the description.',
      schema: { type: 'string', enum: FORMATS, default: 'openapi' },
    },
  },
  responses: {
    Description: {
      description: 'The tool alone, as an OpenAPI document or as MCP lists it.',
      headers: COMMON_HEADERS,
      content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
    },
  },
};
