import type { CallerCredentials } from '@app/mcp-transport';
import type { HttpUpstreamSettings, UpstreamSettings } from '../config/upstream-settings.js';
import { isSecretName } from './without-credentials.js';

/** The status with which a server refuses whoever comes without the right credentials; undefined for other failures. */
export function refusalOf(error: unknown): 401 | 403 | undefined {
  const status = (error as { status?: unknown } | null)?.status;
  return status === 401 || status === 403 ? status : undefined;
}

/** What its operator is told of it; `answered` is how the server put it. */
export function needsAuth(answered: string, forwarded: readonly string[]): string {
  const callers =
    forwarded.length === 0 ? 'or name what callers bring in "forwardHeaders"' : `or have callers bring theirs (${forwarded.join(', ')})`;
  return `The MCP server wants credentials before it lists its tools (${answered}): give it some of its own in "headers" or MCP_HEADERS, ${callers}.`;
}

/**
 * Whether it is the gateway's own credentials that a server refuses a call with this status: it judges Authorization, which an access token
 * of the gateway is in unless the caller's is, and other headers of the settings where the caller brings nothing.
 */
export function isOwnRefusal(status: number, settings: UpstreamSettings, credentials: CallerCredentials | undefined): boolean {
  if ((status !== 401 && status !== 403) || settings.kind === 'stdio' || credentials?.headers['authorization'] !== undefined) return false;
  if (settings.oauth) return status === 401 || credentials === undefined;
  return credentials === undefined && [...Object.keys(settings.headers), ...settings.url.searchParams.keys()].some(isSecretName);
}

/** Whether it may be asked with the credentials of callers. One that has tokens of its own is not. */
export function mayAskCallers({ forwardHeaders, oauth }: HttpUpstreamSettings): boolean {
  return forwardHeaders.length > 0 && oauth === undefined;
}
