import { randomUUID } from 'node:crypto';
import { isJsonObject, type ToolOutcome } from '@app/mcp-openapi';

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
  const elicitationId = randomUUID();
  if (reason === 'authorization_required')
    return { url, message: `Authorize the MCP server "${String(server)}" in a browser.`, elicitationId, isServers: false };
  const [first] = isJsonObject(data) && Array.isArray(data['elicitations']) ? (data['elicitations'] as unknown[]) : [];
  const said = isJsonObject(first) ? first : {};
  return {
    url,
    message: typeof said['message'] === 'string' ? said['message'] : outcome.message,
    elicitationId: typeof said['elicitationId'] === 'string' ? said['elicitationId'] : elicitationId,
    isServers: true,
  };
}
