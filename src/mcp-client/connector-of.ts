import { type GrantKeeper, HttpConnector, StdioConnector, type UpstreamConnector } from '@app/mcp-transport';
import type { UpstreamSettings } from '../config/upstream-settings.js';
import { VERSION } from '../config/version.js';

/** How the gateway introduces itself to servers. */
const CLIENT_INFO = { name: 'mcpo-proxy', version: VERSION } as const;

/** What connects to a server in its way; `keeper`: of what a person grants for it. */
export function connectorOf(settings: UpstreamSettings, keeper: GrantKeeper | undefined): UpstreamConnector {
  return settings.kind === 'stdio' ? new StdioConnector(settings, CLIENT_INFO) : new HttpConnector(settings, CLIENT_INFO, keeper);
}
