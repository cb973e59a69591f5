/**
 * The parts of MCP that the translation reads. Values come from servers as parsed JSON and are not trusted to fit:
 * whatever else they hold is kept as it is. They are our own, so that no SDK generation is tied in.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A tool of `tools/list` whose `name` is a non-empty string and whose `inputSchema` is a JSON object; the rest is as it came. */
export interface McpTool {
  readonly name: string;
  readonly inputSchema: JsonObject;
  readonly title?: unknown;
  readonly description?: unknown;
  readonly outputSchema?: unknown;
  readonly annotations?: unknown;
  readonly [key: string]: unknown;
}

/** The result of `tools/call` as it came (MCP server/tools "Tool Result"). */
export interface CallToolResult {
  readonly content?: readonly unknown[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
  readonly [key: string]: unknown;
}
