import type { FailedOutcome } from '../errors/failed-outcome.js';

/** What a caller is answered whose credentials a server does not take even to list its tools. */
export function credentialsRefused(server: string): FailedOutcome {
  return rejected(server, `The MCP server "${server}" refused the credentials that came with the call: it lists no tools for them.`);
}

/** What a caller is answered who brings no credentials to a server that wants some. */
export function credentialsMissing(server: string, headers: readonly string[]): FailedOutcome {
  return rejected(server, `The MCP server "${server}" wants credentials of its caller: send them with the call (${headers.join(', ')}).`);
}

function rejected(server: string, message: string): FailedOutcome {
  return { kind: 'rejected', type: 'permission_error', message, details: { reason: 'upstream_credentials', server } };
}
