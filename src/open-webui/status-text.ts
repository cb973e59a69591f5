import { plainText, type ToolOutcome } from '@app/mcp-openapi';

const MAX_TEXT = 200;

interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/** How far a call is, in a line for who reads the chat. */
export function progressText(tool: string, { progress, total, message }: Progress): string {
  const count = total === undefined ? `${rounded(progress)}` : `${rounded(progress)} of ${rounded(total)}`;
  return line(tool, message === undefined ? count : total === undefined ? message : `${message} (${count})`);
}

/** How it ended; undefined: its caller has left. */
export function endText(tool: string, kind: ToolOutcome['kind'] | undefined): string {
  if (kind === undefined) return line(tool, 'cancelled');
  return line(tool, kind === 'result' ? 'done' : 'failed');
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function line(tool: string, text: string): string {
  return plainText(`${tool}: ${text}`.replaceAll(/\s+/g, ' '), MAX_TEXT);
}
