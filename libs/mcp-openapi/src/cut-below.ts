type Container = Record<string, unknown> | unknown[];

/**
 * `value` itself when it is nested at most `maxDepth` levels, else a copy in which every object and list below that is empty: an empty schema
 * takes anything. JSON.stringify fails from some 4,000 levels on. Iterative.
 */
export function cutBelow(value: unknown, maxDepth: number): unknown {
  return isDeeper(value, maxDepth) ? copyDownTo(value, maxDepth) : value;
}

function isDeeper(value: unknown, maxDepth: number): boolean {
  const pending: { node: unknown; depth: number }[] = [{ node: value, depth: 1 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (!isContainer(next.node)) continue;
    if (next.depth > maxDepth) return true;
    for (const inner of Object.values(next.node)) if (isContainer(inner)) pending.push({ node: inner, depth: next.depth + 1 });
  }
  return false;
}

/** `maxDepth` is small: recursion bears it. */
function copyDownTo(value: unknown, maxDepth: number): unknown {
  if (!isContainer(value)) return value;
  if (Array.isArray(value)) return maxDepth === 0 ? [] : value.map((inner) => copyDownTo(inner, maxDepth - 1));
  return maxDepth === 0 ? {} : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyDownTo(inner, maxDepth - 1)]));
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
