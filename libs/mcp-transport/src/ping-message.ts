/**
 * The JSON-RPC text that asks a server whether it is there: `ping` (MCP basic/utilities/ping), and since 2026-07-28, which has none,
 * `server/discover`, which every server answers from what it knows of itself. `metaEnvelope` as calls have it, empty for older servers.
 */
export function pingMessage(id: string, metaEnvelope: string): string {
  if (metaEnvelope === '') return `{"jsonrpc":"2.0","method":"ping","id":"${id}"}`;
  return `{"jsonrpc":"2.0","method":"${MODERN_PING}","params":{"_meta":{${metaEnvelope}}},"id":"${id}"}`;
}

/** For the header that names the method. */
export const MODERN_PING = 'server/discover';
