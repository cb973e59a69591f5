import { errorComponents } from './error-responses.js';
import type { OpenApiDocument, OpenApiOperation, PublishedTool } from './openapi-types.js';
import { perTool } from '../per-tool.js';
import { atOnce, type Slices, visitEach } from '../slices.js';
import { toolToOperation } from './tool-to-operation.js';

/** What a document is made of. `operations` gives a tool's operation, for callers that keep them; without it each is made anew. */
interface DocumentInput {
  readonly tools: readonly PublishedTool[];
  readonly info: OpenApiDocument['info'];
  /** Where the paths begin, where that is not the root of the host. */
  readonly servers?: OpenApiDocument['servers'];
  readonly pathOf: (publishedName: string) => string;
  readonly operations?: (published: PublishedTool) => OpenApiOperation;
}

const COMPONENTS = {
  ...errorComponents,
  securitySchemes: { bearerAuth: { type: 'http', scheme: 'bearer', description: 'A key of the gateway, where it asks for one.' } },
};

/** The OpenAPI 3.1 document of `tools`; `paths` and `components` are always there, since Open WebUI's readers fail without them. */
export function toolsToDocument({ tools, info, servers, pathOf, operations = toolToOperation }: DocumentInput): OpenApiDocument {
  const paths: Record<string, { post: OpenApiOperation }> = {};
  for (const operation of atOnce(tellApart(tools.map(operations)))) paths[pathOf(operation.operationId)] = { post: operation };
  return { openapi: '3.1.0', info, ...(servers && { servers }), security: [{}, { bearerAuth: [] }], paths, components: COMPONENTS };
}

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
