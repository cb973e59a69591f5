/** Names, or patterns with `*`; what is denied is denied whatever is allowed. */
export interface NamePatterns {
  /** Undefined allows every name. */
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[];
}

/** Allows every name. */
export const EVERY_NAME: NamePatterns = { allow: undefined, deny: [] };

/** Whether every name is allowed, whatever it is. */
export function allowsEveryName({ allow, deny }: NamePatterns): boolean {
  return allow === undefined && deny.length === 0;
}

/** Whether a name is allowed, denied or not. */
export function allows({ allow }: NamePatterns, name: string): boolean {
  return !allow || matchesAny(name, allow);
}

/** Whether one of the names is denied. */
export function denies({ deny }: NamePatterns, names: readonly string[]): boolean {
  return names.some((name) => matchesAny(name, deny));
}

/** Whether one of the patterns matches. */
export function matchesAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matchesPattern(name, pattern));
}

/** `*` in a pattern stands for any text, also for none; everything else for itself. Takes time linear in both. */
export function matchesPattern(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return name === pattern;
  const last = rest.pop() as string;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}
