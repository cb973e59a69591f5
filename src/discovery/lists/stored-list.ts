import { isJsonObject, type McpTool } from '@app/mcp-openapi';
import { EventLoopYield } from '../../event-loop/event-loop-yield.js';

/** A list of tools as replicas leave it to one another. */
export interface StoredList {
  readonly tools: readonly McpTool[];
  /** When its server was asked for it, in milliseconds since 1970. */
  readonly listedAt: number;
}

const VERSION = '1.0';
/** As many as a server may list. */
const MAX_TOOLS = 20_000;
/** Replicas' clocks differ. */
const MAX_SKEW_MS = 5_000;
/** As `Date.toISOString` writes it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** `{"tools":[...],"version":"1.0","last_updated":"2026-11-27T09:30:00.000Z"}`; undefined where that is more than so many bytes. Takes turns. */
export async function listToText(tools: Iterable<McpTool>, listedAt: number, maxBytes: number): Promise<string | undefined> {
  const [yielding, texts] = [new EventLoopYield(), [] as string[]];
  const end = `],"version":"${VERSION}","last_updated":"${new Date(listedAt).toISOString()}"}`;
  let bytes = '{"tools":['.length + end.length;
  for (const tool of tools) {
    const text = JSON.stringify(tool);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > maxBytes) return undefined;
    texts.push(text);
    if (yielding.isDue) await yielding.yieldNow();
  }
  return `{"tools":[${texts.join(',')}${end}`;
}

/** What {@link listToText} has written; undefined for anything else, whoever has put it there. */
export function textToList(text: string, maxBytes: number): StoredList | undefined {
  if (Buffer.byteLength(text) > maxBytes) return undefined;
  const value = parsed(text);
  if (!isJsonObject(value) || value.version !== VERSION || !isList(value.tools)) return undefined;
  const listedAt = timeOf(value.last_updated);
  return listedAt === undefined ? undefined : { tools: value.tools, listedAt };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isList(tools: unknown): tools is McpTool[] {
  return Array.isArray(tools) && tools.length <= MAX_TOOLS && tools.every(isTool);
}

function isTool(tool: unknown): boolean {
  return isJsonObject(tool) && typeof tool.name === 'string' && tool.name !== '' && isJsonObject(tool.inputSchema);
}

/** Undefined for what is no time, or one that is still to come. */
function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' && TIME.test(value) ? Date.parse(value) : NaN;
  return time <= Date.now() + MAX_SKEW_MS ? time : undefined;
}
