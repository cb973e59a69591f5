type Values = Readonly<Record<string, string | undefined>>;

/** References inside referenced values are followed this deep; a circle ends there. */
const MAX_DEPTH = 8;

/**
 * Expands `${NAME}` in each value by the environment, else by another value of the file; nothing if neither has it. A `$` of any other
 * kind stays, since passwords and keys hold them.
 */
export function expandReferences(file: Values, environment: Values): Record<string, string> {
  const expanded = (text: string, depth: number): string =>
    text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
      const fromEnvironment = environment[name];
      if (fromEnvironment !== undefined) return fromEnvironment;
      return depth === MAX_DEPTH ? '' : expanded(file[name] ?? '', depth + 1);
    });
  return Object.fromEntries(Object.entries(file).map(([name, text]) => [name, expanded(text ?? '', 0)]));
}
