import { ECHO_TOOL } from './echo-tool.ts';

/** A list of `count` tools of ten properties each. `changed` is the place of one that says something else. */
export function toolList(count: number, changed?: { readonly at: number; readonly description: string }): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => ({
    ...ECHO_TOOL,
    name: `tool_${index}`,
    description: index === changed?.at ? changed.description : `${ECHO_TOOL.description}, number ${index}`,
  }));
}
