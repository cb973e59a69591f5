import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { CallerCredentials, GrantKeeper } from '@app/mcp-transport';
import { isGranted, isUsers } from '../grants/granted-server.js';
import { Grants } from '../grants/grants.service.js';
import { OPERATOR } from '../grants/owner.js';
import { ServersOfGrants } from '../grants/servers-of-grants.js';
import { type InactiveServer, type ServerList, SETTINGS, type Settings } from '../config/settings.js';
import type { UpstreamSettings } from '../config/upstream-settings.js';
import { isSameSettings } from './same-settings.js';
import { Upstream, type UpstreamStatus } from './upstream.js';
import { withoutCredentials } from './without-credentials.js';

/** A child that floods stderr costs at most this many log lines a second. */
const MAX_STDERR_LINES_PER_SECOND = 50;

/** How often a server that was removed is looked at: has its last call ended? */
const DRAIN_CHECK_MS = 50;

/** A server that is configured and not started. */
interface InactiveSince extends InactiveServer {
  readonly since: Date;
}

/** What a new list of servers changed. */
export interface ServersChange {
  readonly added: readonly Upstream[];
  readonly removed: readonly Upstream[];
  /** Servers with other settings: another one is there in place of each. */
  readonly replaced: readonly { readonly before: Upstream; readonly after: Upstream }[];
}

interface McpClientEvents {
  /** `upstreams` are others now; those that came are about to be started. */
  servers: [ServersChange];
  /** A user has granted something for a server, or taken it back. */
  grant: [server: string, owner: string];
  /** No server of this name is left, and no call to it. */
  gone: [string];
}

/** All MCP servers behind the gateway. */
@Injectable()
export class McpClient extends EventEmitter<McpClientEvents> implements OnApplicationBootstrap, OnModuleDestroy {
  private current: readonly Upstream[];
  private inactive: readonly InactiveSince[] = [];
  /** Calls in flight. */
  private readonly calls = new Map<Upstream, number>();
  /** Removed, with calls still in flight or children still to end. */
  private readonly leaving = new Set<Upstream>();
  private readonly logger = new Logger('upstream');

  constructor(
    @Inject(SETTINGS) settings: Settings,
    private readonly grants: Grants,
    private readonly ofGrants: ServersOfGrants,
  ) {
    super();
    this.current = settings.upstreams.map((upstream) => this.made(upstream));
    grants.on('changed', (server, owner) => this.grantChanged(server, owner));
    this.inactive = settings.inactiveServers.map((server) => ({ ...server, since: new Date() }));
  }

  /** In the order of the configuration. */
  get upstreams(): readonly Upstream[] {
    return this.current;
  }

  /** Configured and not started. */
  get inactiveServers(): readonly InactiveSince[] {
    return this.inactive;
  }

  /** Starts all at once and waits for none: the gateway serves while they come up. */
  onApplicationBootstrap(): void {
    for (const upstream of this.current) this.start(upstream);
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.current, ...this.leaving].map((upstream) => upstream.stop()));
  }

  /** Notes that a call is in flight: a server that is removed is not stopped before its end. */
  during<T>(upstream: Upstream, call: () => T | Promise<T>): T | Promise<T> {
    this.calls.set(upstream, (this.calls.get(upstream) ?? 0) + 1);
    let running: T | Promise<T> | undefined;
    try {
      return (running = call());
    } finally {
      const end = (): void => this.callEnded(upstream);
      if (running instanceof Promise) void running.then(end, end);
      else end();
    }
  }

  /** How many calls to it are in flight. */
  callsTo(upstream: Upstream): number {
    return this.calls.get(upstream) ?? 0;
  }

  private callEnded(upstream: Upstream): void {
    const others = (this.calls.get(upstream) as number) - 1;
    if (others > 0) this.calls.set(upstream, others);
    else this.calls.delete(upstream);
  }

  /** Has these servers in place of those before. One with the same settings stays as it is, with its session and its child. Gives names. */
  apply({ upstreams, inactiveServers }: ServerList): Record<'added' | 'changed' | 'removed', string[]> {
    const before = this.current;
    this.ofGrants.replace(upstreams);
    this.grants.keepOnly(upstreams.map(({ name }) => name));
    this.current = upstreams.map((settings) => {
      const known = before.find(({ name }) => name === settings.name);
      return known && isSameSettings(known.settings, settings) ? known : this.made(settings);
    });
    this.inactive = inactiveServers.map((server) => ({ ...server, since: this.sinceOf(server) }));
    const change = changeBetween(before, this.current);
    this.emit('servers', change);
    const replaced = change.replaced.map(({ before }) => before);
    for (const upstream of [...change.added, ...change.replaced.map(({ after }) => after)]) this.start(upstream);
    for (const upstream of [...change.removed, ...replaced]) void this.retire(upstream);
    return { added: change.added.map(nameOf), changed: replaced.map(nameOf), removed: change.removed.map(nameOf) };
  }

  /** What a caller's own connection to a server is authorized by; undefined where that is in the headers. */
  keeperOf({ settings }: Upstream, { owner }: CallerCredentials): GrantKeeper | undefined {
    return owner !== undefined && isUsers(settings) ? this.grants.keeperOf(settings, owner) : undefined;
  }

  private made(settings: UpstreamSettings): Upstream {
    const isOperators = isGranted(settings) && settings.oauth.per === 'operator';
    return new Upstream(settings, undefined, isOperators ? this.grants.keeperOf(settings, OPERATOR) : undefined);
  }

  private grantChanged(server: string, owner: string): void {
    if (owner === OPERATOR) this.current.find(({ name }) => name === server)?.grantChanged();
    else this.emit('grant', server, owner);
  }

  private sinceOf({ name, state }: InactiveServer): Date {
    return this.inactive.find((known) => known.name === name && known.state === state)?.since ?? new Date();
  }

  private start(upstream: Upstream): void {
    // One that is connected and cannot be listed is told by whoever lists it.
    upstream.on('state', (status) => {
      if (status.state !== 'degraded' || !upstream.isConnected) this.logState(status, upstream.words.last());
    });
    upstream.on('paused', () => this.logger.warn({ msg: 'calls fail again and again and are paused', upstream: upstream.name }));
    this.logStderr(upstream);
    upstream.start();
  }

  private async retire(upstream: Upstream): Promise<void> {
    await this.release(upstream);
    if (!this.current.some(({ name }) => name === upstream.name)) this.emit('gone', upstream.name);
  }

  /** Stops it when its last call has ended, at the latest when that must have. */
  async release(upstream: Upstream): Promise<void> {
    this.leaving.add(upstream);
    const end = performance.now() + upstream.settings.maxCallDurationMs;
    while (this.calls.has(upstream) && performance.now() < end) await sleep(DRAIN_CHECK_MS, undefined, { ref: false });
    await upstream.stop();
    this.leaving.delete(upstream);
  }

  private logState({ name, state, transport, guessedPath, server, lastError }: UpstreamStatus, lastWords: readonly string[]): void {
    const stderr = lastWords.length > 0 ? { stderr: lastWords } : {};
    if (state !== 'up') return this.logger.warn({ msg: 'upstream is not reachable', upstream: name, state, error: lastError, ...stderr });
    const { era, protocolVersion, serverInfo } = server ?? {};
    this.logger.log({
      msg: 'upstream is up',
      upstream: name,
      transport,
      path: guessedPath,
      era,
      protocol_version: protocolVersion,
      server: serverInfo,
    });
  }

  private logStderr(upstream: Upstream): void {
    let second = 0;
    let lines = 0;
    upstream.on('stderr', (line) => {
      const now = Math.floor(performance.now() / 1000);
      lines = now === second ? lines + 1 : 1;
      second = now;
      if (lines > MAX_STDERR_LINES_PER_SECOND) return;
      this.logger.debug({ msg: 'stderr', upstream: upstream.name, line: withoutCredentials(line, upstream.settings) });
    });
  }
}

function changeBetween(before: readonly Upstream[], after: readonly Upstream[]): ServersChange {
  const added = after.filter((upstream) => !before.some(({ name }) => name === upstream.name));
  const removed = before.filter((upstream) => !after.some(({ name }) => name === upstream.name));
  const replaced = before.flatMap((known) => {
    const successor = after.find((upstream) => upstream.name === known.name && upstream !== known);
    return successor ? [{ before: known, after: successor }] : [];
  });
  return { added, removed, replaced };
}

function nameOf({ name }: Upstream): string {
  return name;
}
