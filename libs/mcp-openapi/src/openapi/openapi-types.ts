import type { JsonObject, McpTool } from '../mcp-types.js';

/** A tool with the name it is published under. */
export interface PublishedTool {
  readonly publishedName: string;
  readonly server: string;
  readonly tool: McpTool;
  /** Whether an embedded HTML resource of it is answered as a page. */
  readonly inlineHtml?: boolean | undefined;
}

/** One `POST` operation of an OpenAPI 3.1 document. */
export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly requestBody: {
    readonly required: boolean;
    readonly content: { readonly 'application/json': { readonly schema: JsonObject; readonly example?: JsonObject } };
  };
  readonly responses: Readonly<Record<string, JsonObject>>;
}

/** A group of operations. */
export interface Tag {
  readonly name: string;
  readonly description: string;
}

/** An OpenAPI 3.1 document of tools. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description?: string;
    readonly license?: { readonly name: string; readonly identifier: string };
    readonly contact?: { readonly name: string; readonly url?: string };
  };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly Tag[];
  readonly security: readonly JsonObject[];
  readonly paths: Readonly<Record<string, { readonly post: OpenApiOperation }>>;
  readonly components: JsonObject;
}
