import type { CallToolResult, ToolOutcome } from '@app/mcp-openapi';

/** An outcome as one text, to be kept: what is known of it in the first line, then the server's own text, untouched. */
export function outcomeToText(outcome: ToolOutcome): string {
  if (!('result' in outcome)) return `${JSON.stringify(outcome)}\n`;
  const { result, ...rest } = outcome;
  return `${JSON.stringify(rest)}\n${result.text}`;
}

/** The outcome that {@link outcomeToText} made the text of. */
export function textToOutcome(kept: string): ToolOutcome {
  const end = kept.indexOf('\n');
  const outcome = JSON.parse(kept.slice(0, end)) as ToolOutcome;
  const text = kept.slice(end + 1);
  if (outcome.kind !== 'result' && outcome.kind !== 'tool_error') return outcome;
  return { ...outcome, result: { text, value: JSON.parse(text) as CallToolResult } };
}
