import type { JsonObject } from '../mcp-types.js';

/** What compiling a schema may cost at the most: a compiled schema grows with both. */
const MAX_NODES = 2_500;
const MAX_DEPTH = 120;

/** Is the schema small enough to be compiled without holding up other calls? Iterative. */
export function isCompilable(schema: JsonObject): boolean {
  const pending: { node: unknown; depth: number }[] = [{ node: schema, depth: 0 }];
  for (let nodes = 0; pending.length > 0; nodes += 1) {
    const { node, depth } = pending.pop() as { node: unknown; depth: number };
    if (nodes > MAX_NODES || depth > MAX_DEPTH) return false;
    if (typeof node === 'object' && node !== null) for (const inner of Object.values(node)) pending.push({ node: inner, depth: depth + 1 });
  }
  return true;
}
