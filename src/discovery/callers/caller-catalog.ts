import type { HttpUpstreamSettings } from '../../config/upstream-settings.js';
import type { CallerCredentials, GrantKeeper } from '@app/mcp-transport';
import { Upstream } from '../../mcp-client/upstream.js';
import type { ServerList } from '../lists/server-list.js';

/** A list that could not be had anew is asked for again after so long; the last good one has to do meanwhile. */
const NEXT_ATTEMPT_MS = 1_000;

/** Takes over what the server listed; `last` is what it gave for the list before. */
type Publish = (listed: readonly unknown[], through: Upstream, last: ServerList | undefined) => Promise<ServerList>;

/** One caller's connection to a server that wants a caller's credentials even to list, and what it lists there. */
export class CallerCatalog {
  /** All its requests carry the caller's credentials. */
  readonly through: Upstream;
  /** The last good list. */
  list: ServerList | undefined;
  /** Its credentials are not taken, or not any more. */
  isRefused = false;
  private nextListAt = -Infinity;
  private listing: Promise<void> | undefined;
  private readonly connecting: Promise<unknown>;

  constructor(
    readonly server: Upstream,
    credentials: CallerCredentials,
    private readonly ttlMs: number,
    private readonly publish: Publish,
    keeper?: GrantKeeper,
  ) {
    const settings = server.settings as HttpUpstreamSettings;
    this.through = new Upstream({ ...settings, headers: { ...settings.headers, ...credentials.headers } }, credentials, keeper);
    this.through.on('toolsChanged', () => (this.nextListAt = -Infinity)).on('refused', () => (this.isRefused = true));
    this.connecting = new Promise<void>((resolve) => this.through.once('up', resolve).once('failed', resolve));
    this.through.start();
  }

  /** Resolves when the first attempt to connect has ended; true if it has succeeded. */
  async connected(): Promise<boolean> {
    await this.connecting;
    return this.through.isConnected;
  }

  /** What is waited for until there is a list that is not too old: one request for any number who ask, which never rejects; undefined if there is one. */
  refresh(maxAgeMs = this.ttlMs): Promise<void> | undefined {
    if (performance.now() < this.nextListAt - this.ttlMs + maxAgeMs) return undefined;
    this.listing ??= this.learn().finally(() => (this.listing = undefined));
    return this.listing;
  }

  private async learn(): Promise<void> {
    this.nextListAt = performance.now() + this.ttlMs;
    try {
      this.list = await this.publish(await this.through.listTools(), this.through, this.list);
    } catch {
      this.nextListAt = performance.now() + NEXT_ATTEMPT_MS;
    }
  }
}
