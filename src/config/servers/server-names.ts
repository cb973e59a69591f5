/** First segments of the gateway's own routes. Express compares without case. */
const ROUTES = [
  'v1',
  'docs',
  'health',
  'ready',
  'metrics',
  'mcp',
  'sse',
  'oauth',
  'gateway',
  'openapi.json',
  'openapi.yaml',
  '.well-known',
  'favicon.ico',
];
const MAX_NAME = 64;

/** What is wrong with the name of a server; undefined if nothing is. Any text that can be one segment of a path will do, URL-encoded. */
export function nameProblem(name: string): string | undefined {
  if (name === '' || name !== name.trim() || name.length > MAX_NAME || isControlled(name)) {
    return `the name of a server must have 1 to ${MAX_NAME} characters, without control characters or spaces around it`;
  }
  if (/[/\\?#%]/.test(name) || name === '.' || name === '..') {
    return 'the name of a server becomes a part of URLs: it must not hold / \\ ? # % nor be . or ..';
  }
  return undefined;
}

/** All names that are routes of the gateway, in one sentence; undefined if there are none. */
export function routeProblem(names: readonly string[]): string | undefined {
  const taken = names.filter((name) => ROUTES.includes(name.toLowerCase()));
  if (taken.length === 0) return undefined;
  return `${taken.join(', ')}: ${taken.length === 1 ? 'is a route' : 'are routes'} of the gateway; give ${taken.length === 1 ? 'this server another name' : 'these servers other names'}`;
}

/** A sentence for each group of names that would be published alike. */
export function alikeProblems(names: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const name of names) groups.set(published(name), [...(groups.get(published(name)) ?? []), name]);
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map(
      (group) =>
        `${group.join(', ')}: would be published alike, as ${published(group[0] as string)}; give them names that differ in letters or digits`,
    );
}

/** As the name stands in front of its tools' names; routes are compared without case. */
function published(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_-]/g, '_').toLowerCase();
}

function isControlled(name: string): boolean {
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}/u.test(name);
}
