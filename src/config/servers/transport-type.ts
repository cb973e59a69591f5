/** What `type` may say, in any case; all but stdio and sse mean streamable HTTP. */
export const TYPES = ['stdio', 'sse', 'streamable-http', 'streamable_http', 'streamablehttp', 'http'] as const;

const STDIO = inAnyCase('stdio');
const OTHERS = TYPES.filter((type) => type !== 'stdio').map(inAnyCase);

/** The types as patterns, for a JSON Schema, in which no flag says that the case does not matter. */
export const TYPE_PATTERNS = {
  stdio: `^${STDIO}$`,
  others: `^(?:${OTHERS.join('|')})$`,
  all: `^(?:${[STDIO, ...OTHERS].join('|')})$`,
} as const;

/** The transport that a `type` names; undefined if it names none. */
export function transportOf(type: string): 'stdio' | 'sse' | 'streamable-http' | undefined {
  const name = type.toLowerCase();
  if (!(TYPES as readonly string[]).includes(name)) return undefined;
  return name === 'stdio' || name === 'sse' ? name : 'streamable-http';
}

function inAnyCase(word: string): string {
  return word.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
