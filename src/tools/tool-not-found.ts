import { closestNames } from '@app/mcp-openapi';
import type { CatalogSnapshot } from '../discovery/catalog-snapshot.js';
import type { FailedOutcome } from '../errors/tool-outcome.exception.js';

/** Longest name that an error repeats. */
const MAX_NAME_LENGTH = 200;

/**
 * What a name that no tool has is answered: 404 with the closest names. While a server has yet to be listed the tool may be
 * that one's: 503.
 */
export function toolNotFound(name: string, { entries, unlisted }: CatalogSnapshot): FailedOutcome {
  const [server] = unlisted;
  if (server) return notListedYet(server.name, server.retryAfterSeconds);
  const tool = name.slice(0, MAX_NAME_LENGTH);
  const closest = closestNames(tool, entries.keys());
  const hint = closest.length === 0 ? 'GET /openapi.json lists them all.' : `Did you mean ${closest.join(', ')}?`;
  return { kind: 'rejected', type: 'tool_not_found', message: `There is no tool "${tool}". ${hint}`, details: { tool, closest } };
}

function notListedYet(server: string, retryAfterSeconds: number): FailedOutcome {
  const details = { server, reason: 'The MCP server has not been reached yet, so its tools are not known.' };
  return { kind: 'unavailable', type: 'upstream_unavailable', message: 'Service temporarily unavailable', details, retryAfterSeconds };
}
