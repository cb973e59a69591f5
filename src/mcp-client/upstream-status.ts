import type { NegotiatedServer, ServerNotice, TransportName } from '@app/mcp-transport';

/**
 * `needs_auth`: it refuses the credentials of its settings, or wants some where it has none. `needs_authorization`: a person has to grant
 * some first.
 */
export type UpstreamState = 'starting' | 'up' | 'degraded' | 'needs_auth' | 'needs_authorization';

/** What can be shown of an upstream; nothing of it is secret. */
export interface UpstreamStatus {
  readonly name: string;
  readonly state: UpstreamState;
  readonly since: Date;
  readonly transport: TransportName;
  /** Where it was found, if its URL has no path. */
  readonly guessedPath: string | undefined;
  readonly server: NegotiatedServer | undefined;
  readonly lastError: string | undefined;
}

/** What it tells of itself as it happens. */
export interface UpstreamEvents {
  /** Connected, for the first time or again. */
  up: [];
  /** An attempt to connect failed. */
  failed: [];
  toolsChanged: [];
  notice: [ServerNotice];
  state: [UpstreamStatus];
  stderr: [string];
  /** Calls fail again and again: none is sent for a while. */
  paused: [];
  /** Of one that is a single caller's: its server refuses that caller's credentials. */
  refused: [];
}
