import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { McpTool } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../config/settings.js';
import { McpClient, type ServersChange } from '../mcp-client/mcp-client.service.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { EventLoopYield } from '../event-loop/event-loop-yield.js';
import type { CatalogSnapshot, ServerTools } from './catalog-snapshot.js';
import { STAND_IN } from './gateway-status.js';
import { isSame, withKnown } from './known-entries.js';
import { ListPublisher, type ListToPublish } from './lists/list-publisher.js';
import { merged } from './merged-index.js';
import { inherited, type ServerList } from './lists/server-list.js';

type Lists = ReadonlyMap<Upstream, ServerList>;

/** What all servers offer, as of their last good lists. Readers take a snapshot and keep it: they see one list or the next, never a mix. */
@Injectable()
export class ToolCatalog {
  private readonly logger = new Logger('discovery');
  private readonly publisher: ListPublisher;
  private readonly lists = new Map<Upstream, ServerList>();
  /** Servers whose list was told for the credentials of one caller. */
  private readonly toldToCallers = new WeakSet<Upstream>();
  /** Lists are published one after another. */
  private last: Promise<unknown> = Promise.resolve();
  private readonly listeners: ((changed: Upstream | undefined) => void)[] = [];
  private current: CatalogSnapshot;

  constructor(
    private readonly mcpClient: McpClient,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.publisher = new ListPublisher(settings.naming);
    this.current = this.snapshotOf(1, this.lists);
    mcpClient.on('servers', (change) => this.follow(change));
  }

  /** Calls the listener after each new snapshot, with the server whose list is another; undefined where servers came or went. */
  onChange(listener: (changed: Upstream | undefined) => void): void {
    this.listeners.push(listener);
  }

  snapshot(): CatalogSnapshot {
    return this.current;
  }

  /** All servers, in the order of the configuration. */
  get upstreams(): readonly Upstream[] {
    return this.mcpClient.upstreams;
  }

  /** What a server listed that a tool could be, also what is not served; undefined where it told that only for a caller's credentials. */
  toolsForAll(upstream: Upstream): readonly McpTool[] | undefined {
    return this.toldToCallers.has(upstream) ? undefined : this.lists.get(upstream)?.tools;
  }

  /** The tools of all servers but those, under their published names. */
  *publishedForAll(): Iterable<McpTool> {
    const lists = this.upstreams.flatMap((upstream) => (this.toldToCallers.has(upstream) ? [] : (this.lists.get(upstream) ?? [])));
    for (const { merged } of lists) for (const { tool, publishedName } of merged.entries.values()) yield { ...tool, name: publishedName };
  }

  /** Takes over what a server listed, to the gateway or to one caller for all; true if that changed anything. */
  async replace(upstream: Upstream, listed: readonly unknown[], to: 'gateway' | 'caller' = 'gateway'): Promise<boolean> {
    await nextTurn(); // In the last one the list was parsed.
    return this.inTurn(async () => {
      if (to === 'caller') this.toldToCallers.add(upstream);
      const isTaken = await this.takeOverIfNew(upstream, listed);
      if (to === 'gateway') this.toldToCallers.delete(upstream);
      return isTaken;
    });
  }

  /** What a server lists on a connection that is one caller's; the catalogue does not show it. Where it says what `last` says it is `last`. */
  async listOf(upstream: Upstream, through: Upstream, listed: readonly unknown[], last?: ServerList): Promise<ServerList> {
    const known = await withKnown(listed, last?.listed ?? []);
    if (last && isSame(known, last.listed)) return last;
    return this.inTurn(() => this.publish({ upstream, through, listed: known }));
  }

  /** The snapshot of this moment with other lists of some servers. */
  snapshotWith(lists: Lists): CatalogSnapshot {
    return this.snapshotOf(this.current.revision, new Map([...this.lists, ...lists]));
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const working = this.last.then(work);
    this.last = working.catch(() => undefined);
    return working;
  }

  private async takeOverIfNew(upstream: Upstream, listed: readonly unknown[]): Promise<boolean> {
    const last = this.lists.get(upstream)?.listed;
    const known = await withKnown(listed, last ?? []);
    if (last && isSame(known, last)) return false;
    const isTaken = await this.takeOver(upstream, known);
    const { revision } = this.current;
    if (isTaken) this.logger.log({ msg: 'tools listed', upstream: upstream.name, tools: this.lists.get(upstream)?.tools.length, revision });
    return isTaken;
  }

  /** False if the server is configured no more, which may happen meanwhile. */
  private async takeOver(upstream: Upstream, listed: readonly unknown[]): Promise<boolean> {
    if (!this.isConfigured(upstream)) return false;
    const list = await this.publish({ upstream, through: upstream, listed });
    if (!this.isConfigured(upstream)) return false;
    this.lists.set(upstream, list);
    this.show(upstream);
    return true;
  }

  private publish(list: ListToPublish): Promise<ServerList> {
    const servers = this.mcpClient.upstreams.map(({ name }) => name);
    return new EventLoopYield().through(this.publisher.publish(list, { servers, lists: () => this.lists.values() }));
  }

  private isConfigured(upstream: Upstream): boolean {
    return this.mcpClient.upstreams.includes(upstream);
  }

  /**
   * Servers come and go: those that went are gone at once. One with other settings has the tools that it had, until it is listed anew; those
   * that only these settings serve are published in turns.
   */
  private follow({ removed, replaced }: ServersChange): void {
    for (const { before, after } of replaced) this.bequeath(before, after);
    for (const upstream of removed) {
      this.lists.delete(upstream);
      this.publisher.forget(upstream.name);
    }
    this.show();
  }

  private bequeath(before: Upstream, after: Upstream): void {
    const list = this.lists.get(before);
    this.lists.delete(before);
    if (!list) return;
    if (this.toldToCallers.has(before)) this.toldToCallers.add(after);
    this.lists.set(after, inherited(list, after));
    void this.inTurn(() => this.takeOver(after, list.listed)).catch(() => undefined);
  }

  private show(changed?: Upstream): void {
    this.current = this.snapshotOf(this.current.revision + 1, this.lists);
    for (const listener of this.listeners) listener(changed);
  }

  /** However many tools there are, it takes no time to speak of. */
  private snapshotOf(revision: number, lists: Lists): CatalogSnapshot {
    const { upstreams } = this.mcpClient;
    const parts = lists.size === 0 ? [STAND_IN] : upstreams.flatMap((upstream) => lists.get(upstream)?.merged ?? []);
    const servers = [...upstreams.map((upstream) => lists.get(upstream)?.own ?? standIn(upstream))];
    return {
      revision,
      naming: this.settings.naming,
      parts,
      ...merged(parts),
      servers: new Map(servers.map((server) => [server.name, server])),
      unlisted: upstreams.filter((upstream) => !lists.has(upstream)),
    };
  }
}

function standIn(upstream: Upstream): ServerTools {
  return { name: upstream.name, upstream, ...STAND_IN };
}
