import { isJsonObject } from '../json-object.js';
import type { JsonObject, McpTool } from '../mcp-types.js';
import { plainText } from '../plain-text.js';
import { publishArguments, publishOutput } from '../publish-schema/index.js';
import { atOnce, type Slices } from '../slices.js';
import { errorResponses } from './error-responses.js';
import { exampleArguments } from './example-of.js';
import type { OpenApiOperation, PublishedTool } from './openapi-types.js';
import { resultResponse } from './result-response.js';

const MAX_SUMMARY_LENGTH = 200;
const MAX_DESCRIPTION_LENGTH = 8_192;

/** The operation that calls a tool, in the form that Open WebUI's reader understands. Total. */
export function toolToOperation(published: PublishedTool): OpenApiOperation {
  return atOnce(operationOf(published));
}

/** The same in slices: a schema of a megabyte takes a while. */
export function* operationOf(
  { publishedName, server, tool, inlineHtml }: PublishedTool,
  operationId: string = publishedName,
): Slices<OpenApiOperation> {
  const { schema, notes } = yield* publishArguments(tool.inputSchema);
  const output = yield* publishOutput(tool.outputSchema);
  return {
    operationId,
    summary: summaryOf(tool) || publishedName,
    description: descriptionOf(tool, notes) || summaryOf(tool) || publishedName,
    tags: [server],
    requestBody: { required: hasRequired(schema), content: { 'application/json': bodyOf(schema) } },
    responses: { '200': resultResponse(output, tool.outputSchema, inlineHtml), ...errorResponses },
  };
}

function summaryOf({ title, annotations, name }: McpTool): string {
  return (
    plainText(title, MAX_SUMMARY_LENGTH) ||
    plainText(isJsonObject(annotations) ? annotations['title'] : undefined, MAX_SUMMARY_LENGTH) ||
    plainText(name, MAX_SUMMARY_LENGTH)
  );
}

/** The tool's own words, then what Open WebUI would drop from its schema. */
function descriptionOf(tool: McpTool, notes: readonly string[]): string {
  const own = plainText(tool.description, MAX_DESCRIPTION_LENGTH) || (notes.length > 0 ? summaryOf(tool) : '');
  return plainText([own, ...notes].filter(Boolean).join('\n\n'), MAX_DESCRIPTION_LENGTH);
}

function bodyOf(schema: JsonObject): { schema: JsonObject; example?: JsonObject } {
  const example = exampleArguments(schema);
  return { schema, ...(example && { example }) };
}

/** Without required arguments an empty body is a call, too. */
function hasRequired(schema: { readonly required?: unknown }): boolean {
  return Array.isArray(schema.required) && schema.required.length > 0;
}
