import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { isSameJson, type McpTool, type NamedTool, selectTools } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../config/settings.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { McpClient, type ServersChange } from '../mcp-client/mcp-client.service.js';
import { type CatalogEntry, type CatalogSnapshot, type ServerTools, toIndex } from './catalog-snapshot.js';
import { GATEWAY_STATUS, GATEWAY_STATUS_ENTRY } from './gateway-status.js';
import { PublishedNames } from './published-names.js';
import { isServed } from './tool-filter.js';

interface ServerList {
  readonly tools: readonly McpTool[];
  /** What the server listed: more than the tools where some are left out. */
  readonly listed: readonly unknown[];
}

/** What a server's list comes to under its settings. */
interface Published {
  readonly list: ServerList;
  readonly entries: readonly CatalogEntry[];
  readonly own: ServerTools;
}

/** What all servers offer, as of their last good lists. Readers take a snapshot and keep it: they see one list or the next, never a mix. */
@Injectable()
export class ToolCatalog {
  private readonly logger = new Logger('discovery');
  private readonly lists = new Map<Upstream, ServerList>();
  /** Kept until the list is another: a change costs what it changes. */
  private readonly published = new WeakMap<Upstream, Published>();
  private readonly listeners: ((changed: Upstream | undefined) => void)[] = [];
  private readonly mergedNames: PublishedNames;
  /** By server: each has a document of its own. */
  private readonly ownNames = new Map<string, PublishedNames>();
  private current: CatalogSnapshot;

  constructor(
    private readonly mcpClient: McpClient,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.mergedNames = new PublishedNames(settings.naming);
    this.current = this.build(1);
    mcpClient.on('servers', (change) => this.follow(change));
  }

  /** Calls the listener after each new snapshot, with the server whose list is another; undefined where servers came or went. */
  onChange(listener: (changed: Upstream | undefined) => void): void {
    this.listeners.push(listener);
  }

  snapshot(): CatalogSnapshot {
    return this.current;
  }

  /** Takes over what a server listed; true if that changed anything. */
  async replace(upstream: Upstream, listed: readonly unknown[]): Promise<boolean> {
    await nextTurn(); // In the last one the list was parsed.
    const last = this.lists.get(upstream)?.listed ?? [];
    const known = await withKnown(listed, last);
    // Servers come and go meanwhile.
    if (!this.mcpClient.upstreams.includes(upstream)) return false;
    if (this.lists.has(upstream) && isSame(known, last)) return false;
    const { tools, warnings } = selectTools(known);
    for (const warning of warnings) this.logger.warn({ msg: 'odd tool in the list', upstream: upstream.name, warning });
    this.lists.set(upstream, { tools, listed: known });
    this.renew(upstream);
    this.logger.log({ msg: 'tools listed', upstream: upstream.name, tools: tools.length, revision: this.current.revision });
    return true;
  }

  /** Servers come and go. One with other settings has the tools that it had, until it is listed anew. */
  private follow({ removed, replaced }: ServersChange): void {
    for (const { before, after } of replaced) {
      const list = this.lists.get(before);
      if (list) this.lists.set(after, list);
      this.lists.delete(before);
    }
    for (const upstream of removed) {
      this.lists.delete(upstream);
      this.ownNames.delete(upstream.name);
    }
    this.renew();
  }

  private renew(changed?: Upstream): void {
    this.current = this.build(this.current.revision + 1);
    for (const listener of this.listeners) listener(changed);
  }

  private build(revision: number): CatalogSnapshot {
    const { naming } = this.settings;
    const { upstreams } = this.mcpClient;
    const entries = upstreams.flatMap((upstream) => this.publish(upstream)?.entries ?? []);
    const merged = entries.length === 0 && this.lists.size === 0 ? [GATEWAY_STATUS_ENTRY] : entries;
    const names = merged.map(({ publishedName }) => publishedName);
    const index = toIndex(merged, names, ({ server, tool }) => (naming === 'bare' ? tool.name : `${server}_${tool.name}`));
    const servers = [...upstreams.map((upstream) => this.publish(upstream)?.own ?? standIn(upstream)), ...this.waiting()];
    const byName = new Map(servers.map((server) => [server.name, server]));
    return { revision, naming, ...index, servers: byName, unlisted: upstreams.filter((upstream) => !this.lists.has(upstream)) };
  }

  /** Undefined for a server that has not been listed. */
  private publish(upstream: Upstream): Published | undefined {
    const list = this.lists.get(upstream);
    const known = this.published.get(upstream);
    if (!list || known?.list === list) return list && known;
    const entries = this.toEntries(upstream, list);
    const index = toIndex(entries, this.ownNamesOf(upstream, entries), ({ tool }) => tool.name);
    const published = { list, entries, own: { name: upstream.name, upstream, ...index } };
    this.published.set(upstream, published);
    return published;
  }

  private toEntries(upstream: Upstream, { tools }: ServerList): CatalogEntry[] {
    const { name: server, settings } = upstream;
    const served = tools.filter(({ name }) => isServed(name, settings));
    const names = this.mergedNames.publish(
      served.map(({ name }) => ({ server, name })),
      this.mcpClient.upstreams.map(({ name }) => name),
      () => this.toolsBeside(upstream),
    );
    return served.map((tool, index) => ({ publishedName: names[index] as string, server, tool, upstream }));
  }

  private toolsBeside(upstream: Upstream): NamedTool[] {
    const others = this.mcpClient.upstreams.filter((other) => other !== upstream);
    return others.flatMap((other) => (this.lists.get(other)?.tools ?? []).map(({ name }) => ({ server: other.name, name })));
  }

  /** Servers that wait for somebody to sign in: their documents are there, and say so. */
  private waiting(): ServerTools[] {
    const waiting = this.mcpClient.inactiveServers.filter(({ state }) => state === 'needs_auth');
    return waiting.map(({ name }) => ({ name, upstream: undefined, ...STAND_IN }));
  }

  private ownNamesOf({ name }: Upstream, entries: readonly CatalogEntry[]): string[] {
    if (this.settings.naming === 'bare') return entries.map(({ publishedName }) => publishedName);
    let names = this.ownNames.get(name);
    if (!names) this.ownNames.set(name, (names = new PublishedNames('bare')));
    return names.publish(
      entries.map(({ server, tool }) => ({ server, name: tool.name })),
      [name],
    );
  }
}

/** What is there while a server has not been listed. */
const STAND_IN = toIndex([GATEWAY_STATUS_ENTRY], [GATEWAY_STATUS], () => GATEWAY_STATUS);

function standIn(upstream: Upstream): ServerTools {
  return { name: upstream.name, upstream, ...STAND_IN };
}

/** What of a list is compared at a stretch. */
const TOOLS_IN_A_TURN = 200;

/**
 * What says the same as before stays the same object: what was made from it, validator and documents, goes on serving.
 * Most lists change in a few places: what has another place than before is looked for by its name.
 */
async function withKnown(listed: readonly unknown[], last: readonly unknown[]): Promise<unknown[]> {
  const known: unknown[] = [];
  let lastByName: Map<unknown, unknown> | undefined;
  for (const entry of listed) {
    const index = known.length;
    if (index % TOOLS_IN_A_TURN === 0) await nextTurn();
    if (isSameJson(entry, last[index])) {
      known.push(last[index]);
      continue;
    }
    lastByName ??= new Map(last.map((one) => [nameOf(one), one]));
    const before = lastByName.get(nameOf(entry));
    known.push(before !== undefined && isSameJson(entry, before) ? before : entry);
  }
  await nextTurn();
  return known;
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((entry, index) => entry === others[index]);
}

function nameOf(entry: unknown): unknown {
  return (entry as { name?: unknown } | null)?.name;
}
