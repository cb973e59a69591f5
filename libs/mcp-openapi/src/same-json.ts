/** Whether two JSON values say the same, keys in the same order. */
export function isSameJson(some: unknown, other: unknown): boolean {
  return isSame(some, other, true);
}

/** Whether two JSON values say the same, in whatever order their keys are. */
export function saysTheSame(some: unknown, other: unknown): boolean {
  return isSame(some, other, false);
}

/** Iterative: values may be nested as deep as they like. */
function isSame(some: unknown, other: unknown, isInOrder: boolean): boolean {
  const pending: unknown[] = [some, other];
  while (pending.length > 0) {
    const [b, a] = [pending.pop(), pending.pop()];
    if (a === b) continue;
    if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return false;
    const keys = Object.keys(a);
    const otherKeys = Object.keys(b);
    if (keys.length !== otherKeys.length) return false;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string;
      if (isInOrder ? key !== otherKeys[index] : !Object.hasOwn(b, key)) return false;
      pending.push(a[key], b[key]);
    }
  }
  return true;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
