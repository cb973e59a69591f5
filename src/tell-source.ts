import { Logger } from '@nestjs/common';
import type { Settings } from './config/settings.js';

/** Says where the servers are from, and what is odd in the settings. */
export function tellSource({ serverSource, ignoredSources, configPath, upstreams, inactiveServers, warnings }: Settings): void {
  const logger = new Logger('config');
  const ignored = ignoredSources.length > 0 ? { ignored: ignoredSources } : {};
  logger.log({ msg: 'servers', from: serverSource, file: configPath, servers: upstreams.map(({ name }) => name), ...ignored });
  for (const { name, state, reason } of inactiveServers) logger.warn({ msg: 'server is not started', upstream: name, state, reason });
  for (const warning of warnings) logger.warn({ msg: 'odd setting', warning });
}
