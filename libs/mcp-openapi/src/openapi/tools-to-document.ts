import { errorComponents } from './error-responses.js';
import { toolHeaderComponents } from './headers.js';
import type { OpenApiDocument, OpenApiOperation, PublishedTool, Tag } from './openapi-types.js';
import type { JsonObject } from '../mcp-types.js';
import { perTool } from '../per-tool.js';
import { plainText } from '../plain-text.js';
import { atOnce, type Slices, visitEach } from '../slices.js';
import { resultComponents } from './result-response.js';
import { toolToOperation } from './tool-to-operation.js';

/** What a document is made of. `operations` gives a tool's operation, for callers that keep them; without it each is made anew. */
interface DocumentInput {
  readonly tools: readonly PublishedTool[];
  readonly info: OpenApiDocument['info'];
  /** Where the paths begin; the root of the host unless told. */
  readonly servers?: OpenApiDocument['servers'];
  /** The groups of its operations; one for each server of `tools` unless told. */
  readonly tags?: readonly Tag[];
  /** What operations that the caller adds refer to, beside what those of tools do. */
  readonly components?: { readonly parameters: JsonObject; readonly responses: JsonObject };
  /** Whether callers must have a key; undefined where that is not known. */
  readonly needsKey?: boolean;
  readonly pathOf: (publishedName: string) => string;
  readonly operations?: (published: PublishedTool) => OpenApiOperation;
}

const COMPONENTS = {
  schemas: { ...errorComponents.schemas, ...resultComponents },
  responses: errorComponents.responses,
  headers: toolHeaderComponents,
};

/** The one way to say who calls, for `#/components/securitySchemes`. */
export const securitySchemes = { bearerAuth: { type: 'http', scheme: 'bearer', description: 'A key or token that the gateway takes.' } };

/** What the security of operations is: a key, none, or either. */
export function securityOf(needsKey: boolean | undefined): readonly JsonObject[] {
  if (needsKey === false) return [];
  return needsKey ? [{ bearerAuth: [] }] : [{}, { bearerAuth: [] }];
}

/** The OpenAPI 3.1 document of `tools`; `paths` and `components` are always there, since Open WebUI's readers fail without them. */
export function toolsToDocument(input: DocumentInput): OpenApiDocument {
  const { tools, info, servers = ROOT, tags = tagsOf(tools), components: more, needsKey, pathOf, operations = toolToOperation } = input;
  const paths: Record<string, { post: OpenApiOperation }> = {};
  for (const operation of atOnce(tellApart(tools.map(operations)))) paths[pathOf(operation.operationId)] = { post: operation };
  const responses = { ...COMPONENTS.responses, ...more?.responses };
  const components = { ...COMPONENTS, ...more, responses, ...(needsKey !== false && { securitySchemes }) };
  return { openapi: '3.1.0', info, servers, tags, security: securityOf(needsKey), paths, components };
}

const ROOT = [{ url: '/' }];

/** A group for each server that has tools among these. */
export function tagsOf(tools: readonly Pick<PublishedTool, 'server'>[]): Tag[] {
  const servers = new Set(tools.map(({ server }) => server));
  return [...servers].map((name) => ({ name, description: `The tools of the MCP server "${plainText(name, MAX_NAME_LENGTH)}".` }));
}

const MAX_NAME_LENGTH = 200;

/** As much of a description as Open WebUI's tool search shows to the model. */
const SHOWN_LENGTH = 100;

/**
 * The operations; those whose descriptions begin alike get their names in front, since their beginning is all that a model may see.
 * The same operation gives the same object each time, so that what is made of it can be kept.
 */
export function* tellApart(operations: readonly OpenApiOperation[]): Slices<OpenApiOperation[]> {
  const count = new Map<string, number>();
  yield* visitEach(operations, ({ description }) => count.set(startOf(description), (count.get(startOf(description)) ?? 0) + 1));
  const apart: OpenApiOperation[] = [];
  yield* visitEach(operations, (operation) => {
    const isAlone = count.get(startOf(operation.description)) === 1;
    apart.push(isAlone ? operation : named(operation));
  });
  return apart;
}

const named = perTool((operation: OpenApiOperation): OpenApiOperation => ({
  ...operation,
  description: `${operation.operationId}: ${operation.description}`,
}));

function startOf(description: string): string {
  return description.slice(0, SHOWN_LENGTH);
}
