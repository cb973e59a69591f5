/** The field of a problem with the arguments as a whole. */
export const ALL_ARGUMENTS = 'arguments';

/** A JSON pointer into `args`, and a key further inside, as a person writes it: `due.date`, `assignees[0]`, `labels["a b"]`. */
export function fieldPath(args: unknown, pointer: string, key?: string): string {
  let path = '';
  let node: unknown = args;
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    path = Array.isArray(node) ? `${path}[${name}]` : withKey(path, name);
    node = memberOf(node, name);
  }
  if (key !== undefined) path = withKey(path, key);
  return path || ALL_ARGUMENTS;
}

/** The same for steps that are known to be keys or places in a list. */
export function pathOfSteps(steps: readonly (string | number)[]): string {
  return steps.reduce<string>((path, step) => (typeof step === 'number' ? `${path}[${step}]` : withKey(path, step)), '');
}

function withKey(path: string, key: string): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)) return `${path}[${JSON.stringify(key.slice(0, 100))}]`;
  return path ? `${path}.${key}` : key;
}

function memberOf(node: unknown, name: string): unknown {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, name) ? (node as Record<string, unknown>)[name] : undefined;
}
