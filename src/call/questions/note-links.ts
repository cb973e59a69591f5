import { isJsonObject, type RpcError, URL_ELICITATION_REQUIRED } from '@app/mcp-openapi';
import type { ServerQuestion } from '@app/mcp-transport';
import type { Upstream } from '../../mcp-client/upstream.js';
import type { Asker } from './asker.js';

/** Notes the link that a server asks its caller to open, so that they can be told when the server is done with it. */
export function noteLinkOf({ params }: ServerQuestion, asker: Asker | undefined, upstream: Upstream): void {
  if (params['mode'] === 'url') noteLink(params['elicitationId'], asker, upstream);
}

/** The same of links that a server's error names (-32042). */
export function noteLinksOf({ code, data }: RpcError, asker: Asker | undefined, upstream: Upstream): void {
  if (code !== URL_ELICITATION_REQUIRED) return;
  const links = isJsonObject(data) ? data['elicitations'] : undefined;
  if (!asker?.tellsOfLinks || !Array.isArray(links)) return;
  for (const link of links.slice(0, MAX_LINKS)) if (isJsonObject(link)) noteLink(link['elicitationId'], asker, upstream);
}

const MAX_LINKS = 10;

function noteLink(elicitationId: unknown, asker: Asker | undefined, upstream: Upstream): void {
  if (typeof elicitationId === 'string') asker?.noteLink?.(elicitationId, upstream);
}
