import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { perTool } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../../config/settings.js';
import type { CallerCredentials } from '@app/mcp-transport';
import { McpClient } from '../../mcp-client/mcp-client.service.js';
import type { Upstream } from '../../mcp-client/upstream.js';
import { CallerCatalog } from './caller-catalog.js';
import type { CatalogSnapshot } from '../catalog-snapshot.js';
import type { ServerList } from '../lists/server-list.js';
import { ToolCatalog } from '../tool-catalog.service.js';
import { ToolChanges } from '../tool-changes.service.js';

/** Of all servers together; the one that was used least recently makes room. */
const MAX_CALLER_CATALOGS = 500;
/** Being opened, whose credentials nobody has judged yet; more are turned away. */
export const MAX_OPENING = 50;
/** One that nobody uses for so long is closed. */
const IDLE_MS = 5 * 60_000;
const SWEEP_MS = 30_000;
/** A request waits no longer for a caller's list. */
const WAIT_MS = 10_000;
/** Tools in all snapshots together: each costs a place in two maps. The newest snapshot stays, however large. */
const MAX_TOOLS_IN_SNAPSHOTS = 100_000;

/** What a server that asks callers for their credentials says to one of them. */
export type CallerAnswer = (
  | { readonly kind: 'admitted'; readonly catalog: CallerCatalog }
  | { readonly kind: 'refused'; readonly isUsers?: true; readonly authorizeUrl?: string | undefined }
  | { readonly kind: 'unavailable' }
) & {
  /** Whether the server was asked before. */
  readonly hasWaited: boolean;
};

/** What servers list for callers who bring credentials, where they list nothing without: for each caller apart, or, with `shareCatalog`, for all. */
@Injectable()
export class CallerCatalogs implements OnModuleDestroy {
  private readonly logger = new Logger('discovery');
  /** By server and digest. What leaves it is closed when the calls that are on their way have ended. */
  private readonly held = new LRUCache<string, CallerCatalog>({
    max: MAX_CALLER_CATALOGS,
    ttl: IDLE_MS,
    updateAgeOnGet: true,
    ttlResolution: 0,
    disposeAfter: ({ through }) => void this.mcpClient.release(through),
  });
  private readonly opening = new Map<string, { readonly catalog: CallerCatalog; readonly answer: Promise<CallerAnswer> }>();
  private readonly byConnection = new WeakMap<Upstream, CallerCatalog>();
  /** Until when a list that is everybody's is young enough. */
  private readonly sharedUntil = new WeakMap<Upstream, number>();
  private readonly snapshots = new LRUCache<string, CatalogSnapshot>({
    maxSize: MAX_TOOLS_IN_SNAPSHOTS,
    sizeCalculation: ({ servers, entries }) => Math.min(servers.size + entries.size, MAX_TOOLS_IN_SNAPSHOTS),
  });
  private lastNumber = 0;
  private readonly numberOf = perTool<ServerList, number>(() => (this.lastNumber += 1));
  private sweeping: NodeJS.Timeout | undefined;

  constructor(
    private readonly mcpClient: McpClient,
    private readonly catalog: ToolCatalog,
    private readonly changes: ToolChanges,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    mcpClient.on('servers', () => this.dropRemoved()).on('grant', (server, owner) => this.dropOf(server, owner));
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.sweeping);
    const all = [...this.held.values(), ...[...this.opening.values()].map(({ catalog }) => catalog)];
    this.held.clear();
    await Promise.all(all.map(({ through }) => through.stop()));
  }

  /** Servers that list nothing but for callers' credentials. */
  get asking(): readonly Upstream[] {
    return this.mcpClient.upstreams.filter(({ asksCallers }) => asksCallers);
  }

  /** Headers by which callers differ in what they see, patterns left out; undefined while all see the same. */
  get distinguishing(): readonly string[] | undefined {
    const apart = this.asking.filter(({ settings }) => !settings.shareCatalog);
    if (apart.length === 0) return undefined;
    return [...new Set(apart.flatMap(({ settings }) => settings.forwardHeaders))].filter((name) => !name.includes('*'));
  }

  /** Whether some caller's list is to be had before anybody is shown the tools of this server. */
  isListDue(server: Upstream): boolean {
    return !server.settings.shareCatalog || performance.now() >= (this.sharedUntil.get(server) ?? -Infinity);
  }

  /** The caller's own catalogue of a server; its list is as young as CACHE_TTL says, if it can be had. Never rejects. */
  async ask(server: Upstream, credentials: CallerCredentials): Promise<CallerAnswer> {
    const over = new AbortController();
    const late = sleep(WAIT_MS, UNAVAILABLE, { signal: over.signal, ref: false }).catch(() => UNAVAILABLE);
    try {
      return await Promise.race([this.answer(server, credentials), late]);
    } finally {
      over.abort();
    }
  }

  /** Whose connection this is; undefined for one that serves all callers. */
  of(connection: Upstream): CallerCatalog | undefined {
    return this.byConnection.get(connection);
  }

  /** What somebody sees who is admitted to these: the same object for the same lists. */
  snapshotWith(catalogs: readonly CallerCatalog[]): CatalogSnapshot {
    const own = catalogs.filter(({ server, list }) => list && !server.settings.shareCatalog && this.mcpClient.upstreams.includes(server));
    const all = this.catalog.snapshot();
    if (own.length === 0) return all;
    const key = [all.revision, ...own.map(({ list }) => this.numberOf(list as ServerList))].join(' ');
    let snapshot = this.snapshots.get(key);
    if (!snapshot) {
      snapshot = this.catalog.snapshotWith(new Map(own.map(({ server, list }) => [server, list as ServerList])));
      this.snapshots.set(key, snapshot);
    }
    return snapshot;
  }

  private async answer(server: Upstream, credentials: CallerCredentials): Promise<CallerAnswer> {
    const key = `${server.name} ${credentials.digest}`;
    const known = this.held.get(key);
    if (known?.server === server) return this.refreshed(known);
    return this.opening.get(key)?.answer ?? this.open(key, server, credentials);
  }

  private open(key: string, server: Upstream, credentials: CallerCredentials): Promise<CallerAnswer> | CallerAnswer {
    if (this.opening.size >= MAX_OPENING) return UNAVAILABLE;
    const publish: ConstructorParameters<typeof CallerCatalog>[3] = async (...given) => {
      const list = await this.publish(server, ...given);
      if (!server.settings.shareCatalog) this.changes.onListOf(credentials.digest, list);
      return list;
    };
    const catalog = new CallerCatalog(server, credentials, this.settings.cacheTtlMs, publish, this.mcpClient.keeperOf(server, credentials));
    const answer = this.opened(key, catalog).finally(() => this.opening.delete(key));
    this.opening.set(key, { catalog, answer });
    return answer;
  }

  private async opened(key: string, catalog: CallerCatalog): Promise<CallerAnswer> {
    if (await catalog.connected()) await this.refreshIfDue(catalog);
    const isAdmitted = !catalog.isRefused && catalog.through.isConnected && this.mcpClient.upstreams.includes(catalog.server);
    if (isAdmitted) this.hold(key, catalog);
    else await catalog.through.stop();
    return isAdmitted ? { kind: 'admitted', catalog, hasWaited: true } : catalog.isRefused ? REFUSED : UNAVAILABLE;
  }

  private async refreshed(catalog: CallerCatalog): Promise<CallerAnswer> {
    const listing = this.refreshIfDue(catalog);
    await listing;
    return catalog.isRefused ? REFUSED : { kind: 'admitted', catalog, hasWaited: listing !== undefined };
  }

  private refreshIfDue(catalog: CallerCatalog): Promise<void> | undefined {
    return this.isListDue(catalog.server) ? catalog.refresh() : undefined;
  }

  private async publish(server: Upstream, listed: readonly unknown[], through: Upstream, last?: ServerList): Promise<ServerList> {
    const list = await this.catalog.listOf(server, through, listed, last);
    this.logger.log({ msg: "tools listed with a caller's credentials", upstream: server.name, tools: list.tools.length });
    if (server.settings.shareCatalog) {
      await this.catalog.replace(server, listed, 'caller');
      this.sharedUntil.set(server, performance.now() + this.settings.cacheTtlMs);
    }
    return list;
  }

  private hold(key: string, catalog: CallerCatalog): void {
    this.sweeping ??= setInterval(() => this.held.purgeStale(), SWEEP_MS).unref();
    this.held.set(key, catalog);
    this.byConnection.set(catalog.through, catalog);
    catalog.through.on('refused', () => this.held.peek(key) === catalog && this.held.delete(key));
  }

  /** Of an owner whose grant is another one now, or none. */
  private dropOf(name: string, owner: string): void {
    for (const [key, { server, through }] of [...this.held])
      if (server.name === name && through.caller?.owner === owner) this.held.delete(key);
  }

  private dropRemoved(): void {
    const { upstreams } = this.mcpClient;
    for (const [key, { server }] of [...this.held]) if (!upstreams.includes(server)) this.held.delete(key);
  }
}

const REFUSED: CallerAnswer = { kind: 'refused', hasWaited: true };
const UNAVAILABLE: CallerAnswer = { kind: 'unavailable', hasWaited: true };
