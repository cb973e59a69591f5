import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/client';
import type { ClientInfo } from './server-settings.js';
import type { NegotiatedServer } from './upstream-connection.js';

/** The members that every request of the 2026-07-28 revision carries in `_meta`, as text without braces; none for older servers. */
export function metaEnvelope(server: NegotiatedServer, clientInfo: ClientInfo): string {
  if (server.era === 'legacy') return '';
  const members = {
    [PROTOCOL_VERSION_META_KEY]: server.protocolVersion,
    [CLIENT_INFO_META_KEY]: clientInfo,
    [CLIENT_CAPABILITIES_META_KEY]: {},
  };
  return JSON.stringify(members).slice(1, -1);
}
