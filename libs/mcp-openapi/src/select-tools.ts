import { cutBelow } from './cut-below.js';
import { isJsonObject } from './json-object.js';
import type { McpTool } from './mcp-types.js';
import { perTool } from './per-tool.js';
import { atOnce, type Slices } from './slices.js';

/** The usable tools of a `tools/list` answer, as they came, and one sentence for each entry that is left out, cut or not the only one of its name. */
interface ToolSelection {
  readonly tools: McpTool[];
  readonly warnings: string[];
}

/** Deeper than any schema that is meant: some 300 schemas in each other. */
const MAX_DEPTH = 1_000;

/** The entry without what lies too deep; what was selected before need not be looked through again. */
const toTool = perTool((entry: McpTool) => cutBelow(entry, MAX_DEPTH) as McpTool);

/** Leaves out only what no caller could ever name or call (MCP server/tools "Tool"): never throws, whatever the server listed. */
export function selectTools(listed: readonly unknown[]): ToolSelection {
  return atOnce(selectionOf(listed));
}

/** {@link selectTools} in slices, one for each tool. */
export function* selectionOf(listed: readonly unknown[]): Slices<ToolSelection> {
  const tools: McpTool[] = [];
  const names = new Set<string>();
  const warnings: string[] = [];
  for (const [index, entry] of listed.entries()) {
    yield;
    const reason = reasonToLeaveOut(entry, index);
    if (reason) {
      warnings.push(reason);
      continue;
    }
    const tool = toTool(entry as McpTool);
    if (tool !== entry) warnings.push(`Tool ${quoted(tool.name)} is nested deeper than ${MAX_DEPTH} levels: what lies below is left out.`);
    if (names.has(tool.name))
      warnings.push(`There is more than one tool named ${quoted(tool.name)}: the server cannot tell their calls apart.`);
    names.add(tool.name);
    tools.push(tool);
  }
  return { tools, warnings };
}

function reasonToLeaveOut(entry: unknown, index: number): string | undefined {
  if (!isJsonObject(entry)) return `Tool ${index + 1} of the list is left out: it is not an object.`;
  const { name, inputSchema } = entry;
  if (typeof name !== 'string' || name === '')
    return `Tool ${index + 1} of the list is left out: its name ${quoted(name)} is not a non-empty string.`;
  if (!isJsonObject(inputSchema)) return `Tool ${quoted(name)} is left out: its inputSchema is not a JSON object.`;
  return undefined;
}

function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 200);
}
