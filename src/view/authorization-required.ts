import type { FailedOutcome } from '../errors/failed-outcome.js';

/** What a caller is answered who has not authorized a server of which each user does so; `url` is for this caller alone. */
export function authorizationRequired(server: string, url: string | undefined): FailedOutcome {
  const message =
    url === undefined
      ? `The MCP server "${server}" acts for single users, and the gateway cannot tell for whom: call it as a user that the gateway knows, where whoever runs it has set OIDC_CLIENT_ID or ALLOW_GRANT_BY_LINK. The tool did not run.`
      : `The MCP server "${server}" needs the user's authorization first. Ask the user to open ${url} in a browser within ten minutes, and to authorize it there; then call the tool again. The tool did not run.`;
  return {
    kind: 'rejected',
    type: 'permission_error',
    message,
    details: { reason: 'authorization_required', server, ...(url !== undefined && { url }) },
  };
}
