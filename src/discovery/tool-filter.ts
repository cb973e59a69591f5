import type { ToolSettings } from '../config/upstream-settings.js';

/** Whether a server's settings let its tool of this name be served. */
export function isServed(name: string, { allowedTools, deniedTools }: Pick<ToolSettings, 'allowedTools' | 'deniedTools'>): boolean {
  const matches = (pattern: string) => matchesPattern(name, pattern);
  return (allowedTools?.some(matches) ?? true) && !deniedTools.some(matches);
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
