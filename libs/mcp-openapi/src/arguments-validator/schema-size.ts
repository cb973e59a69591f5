import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';

/**
 * What compiling a schema may cost at the most, in nodes: it cannot be interrupted, and takes about 30 ms for so many. The largest tool of twelve
 * popular servers has 264.
 */
const MAX_COST = 400;
const MAX_DEPTH = 120;
/** Each name is tested by each pattern. */
const COST_OF_PATTERN = 4;

/** Is the schema small enough to be compiled without holding up other calls? Iterative. */
export function isCompilable(schema: JsonObject): boolean {
  const pending: { node: unknown; depth: number }[] = [{ node: schema, depth: 0 }];
  let cost = 0;
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, depth } = next;
    cost += 1;
    if (typeof node === 'object' && node !== null) {
      const inner = Object.values(node);
      if (isJsonObject(node)) cost += COST_OF_PATTERN * patternsOf(node);
      if (cost + pending.length + inner.length > MAX_COST || depth > MAX_DEPTH) return false;
      for (const each of inner) pending.push({ node: each, depth: depth + 1 });
    }
  }
  return cost <= MAX_COST;
}

function patternsOf({ patternProperties }: JsonObject): number {
  return isJsonObject(patternProperties) ? Object.keys(patternProperties).length : 0;
}
