import type { ProxySettings } from '@app/mcp-transport';
import type { UpstreamPolicy } from '../upstream-settings.js';
import type { References } from './expand-value.js';

/** What holds for every server of a source unless it says otherwise. */
export interface ServerDefaults extends References {
  readonly policy: UpstreamPolicy;
  /** Variables that every child gets, whatever the gateway's own environment is. */
  readonly childVariables: Readonly<Record<string, string>>;
  /** Forward proxies, where the environment names any. */
  readonly proxies?: ProxySettings | undefined;
  /** How long a start may take, where that is said for all. */
  readonly startTimeoutMs?: number | undefined;
}

/** The same, of a source wherever it is. */
export type SourceDefaults = Omit<ServerDefaults, 'folder' | 'readFile'>;
