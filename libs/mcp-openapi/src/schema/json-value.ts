const MAX_DEPTH = 12;
const MAX_NODES = 2_000;

/** Is `value` small and shallow enough to be repeated in a published document, and free of keys in `without`? */
export function isModest(value: unknown, without: ReadonlySet<string> = new Set()): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const pending: { node: unknown; depth: number }[] = [{ node: value, depth: 0 }];
  for (let seen = 0; pending.length > 0; seen += 1) {
    const { node, depth } = pending.pop() as { node: unknown; depth: number };
    if (depth > MAX_DEPTH || seen > MAX_NODES) return false;
    if (typeof node !== 'object' || node === null) continue;
    for (const key of Object.keys(node)) {
      if (without.has(key)) return false;
      pending.push({ node: (node as Record<string, unknown>)[key], depth: depth + 1 });
    }
  }
  return true;
}

/** One text for each JSON value, whatever the order of its keys. For modest values. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { members: Object.entries(inner).sort(byKey) } : inner,
  );
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

const MAX_SHOWN_LENGTH = 100;

/** A value as a person writes it: a simple string bare, anything else as JSON. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' && /^[^\s,;]+$/.test(value) ? value : (JSON.stringify(value) ?? '');
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}
