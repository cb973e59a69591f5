import { closestNames, mayBelong } from '@app/mcp-openapi';
import type { CatalogSnapshot } from '../../discovery/catalog-snapshot.js';
import { type FailedOutcome, temporarilyUnavailable } from '../../errors/failed-outcome.js';

/** Longest name that an error repeats. */
const MAX_NAME_LENGTH = 200;

/**
 * What a name that no tool has is answered: 404 with the closest names. While a server has yet to be listed whose tool it may be: 503.
 * With `server` it is the name of a tool in that server's own document.
 */
export function toolNotFound(name: string, snapshot: CatalogSnapshot, server?: string): FailedOutcome {
  const owner = snapshot.unlisted.find((unlisted) => mayBeOf(unlisted.name, name, snapshot, server));
  if (owner) return notListedYet(owner.name, owner.retryAfterSeconds);
  const tool = name.slice(0, MAX_NAME_LENGTH);
  const listed = server === undefined ? snapshot : snapshot.servers.get(server);
  if (!listed)
    return noTool(`There is no server "${server?.slice(0, MAX_NAME_LENGTH)}" here. GET /openapi.json lists all tools.`, tool, []);
  const closest = closestNames(tool, listed.entries.keys());
  const hint = closest.length === 0 ? `GET ${documentOf(server)} lists them all.` : `Did you mean ${closest.join(', ')}?`;
  return noTool(`There is no tool "${tool}". ${hint}`, tool, closest);
}

function noTool(message: string, tool: string, closest: readonly string[]): FailedOutcome {
  return { kind: 'rejected', type: 'tool_not_found', message, details: { tool, closest } };
}

function mayBeOf(unlisted: string, name: string, { naming }: CatalogSnapshot, server: string | undefined): boolean {
  if (server !== undefined) return unlisted === server;
  return naming === 'bare' || mayBelong(name, unlisted);
}

function documentOf(server: string | undefined): string {
  return server === undefined ? '/openapi.json' : `/${encodeURIComponent(server)}/openapi.json`;
}

function notListedYet(server: string, retryAfterSeconds: number): FailedOutcome {
  return temporarilyUnavailable(
    { server, reason: 'The MCP server has not been reached yet, so its tools are not known.' },
    retryAfterSeconds,
  );
}
