import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { McpClient, type ServersChange } from '../mcp-client/mcp-client.service.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { ListKeeper } from './lists/list-keeper.js';
import type { ListPlaces } from './lists/published-list.js';
import { SharedListWriter } from './lists/shared-list-writer.service.js';
import { SharedLists } from './lists/shared-lists.service.js';
import { ToolCatalog } from './tool-catalog.service.js';

/**
 * Keeps the catalogue up to date: on connect, when a server says so, when the lists grow old, when a call finds a tool gone, and when
 * another replica has learnt something.
 */
@Injectable()
export class Discovery implements OnModuleInit, OnModuleDestroy {
  /** One for each server. */
  private readonly keepers = new Map<Upstream, ListKeeper>();
  private readonly places: ListPlaces;
  /** Names of servers of which another replica has learnt something; `undefined` for any. */
  private readonly told = new Set<string | undefined>();
  private hearing: Promise<void> | undefined;

  constructor(
    private readonly mcpClient: McpClient,
    catalog: ToolCatalog,
    private readonly shared: SharedLists,
    writer: SharedListWriter,
    @Inject(SETTINGS) { cacheTtlMs }: Settings,
  ) {
    this.places = { catalog, shared, writer, ttlMs: cacheTtlMs };
  }

  /** What other replicas know is published before the first request. */
  async onModuleInit(): Promise<void> {
    for (const upstream of this.mcpClient.upstreams) this.watch(upstream);
    this.mcpClient.on('servers', (change) => this.follow(change));
    const lists = await this.shared.freshAtStart([...this.keepers.keys()]);
    await Promise.all([...this.keepers.values()].map((keeper, index) => keeper.take(lists[index])));
    this.shared.onNews((server) => this.hear(server));
  }

  onModuleDestroy(): void {
    for (const keeper of this.keepers.values()) keeper.stop();
  }

  /** For a call that found its tool gone: what it waits for until there is a list not older than a second; undefined if there is one. */
  refreshForUnknownTool(upstream: Upstream): Promise<void> | undefined {
    return this.keepers.get(upstream)?.refreshForUnknownTool();
  }

  /** Whether its last list failed, after all attempts, though it is up. */
  hasFailed(upstream: Upstream): boolean {
    return this.keepers.get(upstream)?.hasFailed ?? false;
  }

  /** Whether its tools are older than they should be, and cannot be had anew. */
  isStale(upstream: Upstream): boolean {
    return this.keepers.get(upstream)?.isStale ?? false;
  }

  /** Since when the list that is published was asked for; undefined where there is none. */
  ageMs(upstream: Upstream): number | undefined {
    return this.keepers.get(upstream)?.ageMs;
  }

  private follow({ added, removed, replaced }: ServersChange): void {
    for (const upstream of removed) this.forget(upstream);
    for (const { before, after } of replaced) this.watch(after, this.forget(before));
    for (const upstream of added) void this.watch(upstream).look();
  }

  private watch(upstream: Upstream, before?: ListKeeper): ListKeeper {
    const keeper = new ListKeeper(upstream, this.places, before);
    this.keepers.set(upstream, keeper);
    return keeper;
  }

  private forget(upstream: Upstream): ListKeeper | undefined {
    const keeper = this.keepers.get(upstream);
    keeper?.stop();
    this.keepers.delete(upstream);
    return keeper;
  }

  /** However often that is told: they are looked at one time after another. */
  private hear(server: string | undefined): void {
    const isOurs = server === undefined || this.mcpClient.upstreams.some(({ name }) => name === server);
    if (isOurs) this.told.add(server);
    this.hearing ??= this.lookAtTold().finally(() => (this.hearing = undefined));
  }

  private async lookAtTold(): Promise<void> {
    while (this.told.size > 0) {
      const told = new Set(this.told);
      this.told.clear();
      const isGap = told.has(undefined);
      for (const [{ name }, keeper] of [...this.keepers]) {
        if (isGap) await keeper.lookAfterGap();
        else if (told.has(name)) await keeper.look();
      }
    }
  }
}
