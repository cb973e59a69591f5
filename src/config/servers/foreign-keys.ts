/** Keys of other programs' files by what they are called in ours: of VS Code, Zed and opencode, Windsurf, Gemini CLI and Cline. */
const OF_FILE: ReadonlyMap<string, string> = new Map([
  ['servers', 'mcpServers'],
  ['context_servers', 'mcpServers'],
  ['mcp', 'mcpServers'],
]);
const OF_ENTRY: ReadonlyMap<string, string> = new Map([
  ['serverUrl', 'url'],
  ['httpUrl', 'url'],
  ['server_url', 'url'],
  ['baseUrl', 'url'],
  ['endpoint', 'url'],
  ['cmd', 'command'],
  ['transportType', 'type'],
  ['transport', 'type'],
  ['environment', 'env'],
]);
/** Nothing works without these. */
const NEEDED = new Set(['mcpServers', 'url', 'command', 'env']);

/** What a key of the file or of one of its entries is, and whether it can be passed over; undefined for keys that nobody is known to use. */
export function foreignKey(path: readonly string[]): { readonly meant: string; readonly isNeeded: boolean } | undefined {
  const isOfEntry = path.length === 3 && path[0] === 'mcpServers';
  const meant = (path.length === 1 ? OF_FILE : isOfEntry ? OF_ENTRY : undefined)?.get(path.at(-1) as string);
  return meant === undefined ? undefined : { meant, isNeeded: NEEDED.has(meant) };
}

/** Whether an object has another program's key for one of these of ours. */
export function hasForeign(value: unknown, ...keys: readonly ('mcpServers' | 'url' | 'command')[]): boolean {
  const meant = (name: string) => OF_ENTRY.get(name) ?? OF_FILE.get(name);
  return typeof value === 'object' && value !== null && Object.keys(value).some((name) => keys.some((key) => key === meant(name)));
}
