import { type ToolOutcome, toolErrorToText, type ToolResult } from '@app/mcp-openapi';

/** JSON-RPC error of servers since 2026-07-28 that need a capability of the client which was not declared. */
export const MISSING_CAPABILITY = -32_021;

/**
 * The outcome of a call whose server asked something that its caller cannot be asked here: it was declined. What the tool said then, if it said
 * anything, comes behind.
 */
export function notAsked(publishedName: string, said?: ToolResult): ToolOutcome {
  const text = `"${publishedName}" asks the user a question, which cannot be put to them here, so it was declined. Call it over WebSocket (/v1/ws) or MCP (/mcp) with a client that answers questions, or give it all it needs as arguments.`;
  const value = { content: [{ type: 'text', text }, ...behind(said)], isError: true };
  return { kind: 'tool_error', result: { value, text: JSON.stringify(value) } };
}

/** The outcome of a call that was given up since there is no room for what its server asks; `whyNot` says why, and what to do. */
export function notPut(publishedName: string, whyNot: string): ToolOutcome {
  const text = `"${publishedName}" asks the user a question, which could not be put, so the call was given up: ${whyNot}`;
  const value = { content: [{ type: 'text', text }], isError: true };
  return { kind: 'tool_error', result: { value, text: JSON.stringify(value) } };
}

function behind(said: ToolResult | undefined): readonly { readonly type: string }[] {
  if (!said) return [];
  const text = toolErrorToText(said);
  return text === '' ? [] : [{ type: 'text', text: `The tool went on without an answer and said: ${text}` } as { type: string }];
}
