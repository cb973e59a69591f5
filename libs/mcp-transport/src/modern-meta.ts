import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/client';
import type { UpstreamCall } from './call/upstream-answer.js';
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

/** The same for a call whose caller can answer questions. */
export function callEnvelope(envelope: string, { capabilities, onLog }: UpstreamCall): string {
  if (envelope === '') return '';
  const own = capabilities ? `${envelope.slice(0, -NO_CAPABILITIES.length)}${JSON.stringify(capabilities)}` : envelope;
  return onLog ? `${own},"io.modelcontextprotocol/logLevel":"debug"` : own;
}

/** The end of an envelope. */
const NO_CAPABILITIES = '{}';
