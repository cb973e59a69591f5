import { randomUUID } from 'node:crypto';
import { firstLink, type ToolOutcome } from '@app/mcp-openapi';

/** What a caller is to open in a browser. */
export interface Link {
  readonly url: string;
  readonly message: string;
  readonly elicitationId: string;
  /** Its server asks for it, not the gateway. */
  readonly isServers: boolean;
}

/** The link that kept a call from its result; undefined where it is none. */
export function linkIn(outcome: ToolOutcome): Link | undefined {
  if (outcome.kind !== 'rejected' || outcome.type !== 'permission_error') return undefined;
  const { details: { reason, server, url, data } = {} } = outcome;
  if (typeof url !== 'string') return undefined;
  const isServers = reason !== 'authorization_required';
  const said = isServers ? firstLink(data) : undefined;
  const why = isServers ? outcome.message : `Authorize the MCP server "${String(server)}" in a browser.`;
  return { url, message: said?.message || why, elicitationId: said?.elicitationId ?? randomUUID(), isServers };
}
