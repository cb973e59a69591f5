/** Whether it has a key `__proto__` anywhere. Iterative. */
export function hasProtoKey(value: unknown): boolean {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (Object.hasOwn(node, '__proto__')) return true;
    for (const inner of Object.values(node)) pending.push(inner);
  }
  return false;
}
