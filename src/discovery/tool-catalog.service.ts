import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { atOnce, isSameJson, type McpTool, type NamedTool, selectionOf, type Slices, visitEach } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../config/settings.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { McpClient, type ServersChange } from '../mcp-client/mcp-client.service.js';
import { Breath } from '../pipeline/breath.js';
import { type CatalogEntry, type CatalogSnapshot, type ServerTools, toIndex } from './catalog-snapshot.js';
import { GATEWAY_STATUS, GATEWAY_STATUS_ENTRY } from './gateway-status.js';
import { PublishedNames } from './published-names.js';
import { isServed } from './tool-filter.js';

/** What a server listed, of whom: of the gateway itself, unless `through` says so. */
export interface ServerList {
  readonly tools: readonly McpTool[];
  /** What the server listed: more than the tools where some are left out. */
  readonly listed: readonly unknown[];
  /** The connection of the one caller who sees it, on which that caller's calls go. */
  readonly through?: Upstream;
}

/** What a server's list comes to under its settings. */
interface Published {
  readonly entries: readonly CatalogEntry[];
  readonly own: ServerTools;
}

type Lists = ReadonlyMap<Upstream, ServerList>;

/** What all servers offer, as of their last good lists. Readers take a snapshot and keep it: they see one list or the next, never a mix. */
@Injectable()
export class ToolCatalog {
  private readonly logger = new Logger('discovery');
  private readonly lists = new Map<Upstream, ServerList>();
  /** A change costs what it changes. */
  private readonly published = new WeakMap<ServerList, Published>();
  /** New lists are taken over one after another. */
  private last: Promise<unknown> = Promise.resolve();
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
    this.current = atOnce(this.build(1, this.lists));
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
    const taking = this.last.then(() => this.takeOver(upstream, known));
    this.last = taking.catch(() => undefined);
    return taking;
  }

  /** What a server lists on a connection that is one caller's; the catalogue does not show it. Where it says what `last` says it is `last`. */
  async listOf(upstream: Upstream, through: Upstream, listed: readonly unknown[], last?: ServerList): Promise<ServerList> {
    const known = await withKnown(listed, last?.listed ?? []);
    if (last && isSame(known, last.listed)) return last;
    const naming = this.last.then(() => this.nameFor(upstream, through, known));
    this.last = naming.catch(() => undefined);
    return naming;
  }

  /** The snapshot of this moment with other lists of some servers. */
  snapshotWith(lists: Lists): CatalogSnapshot {
    return atOnce(this.build(this.current.revision, new Map([...this.lists, ...lists])));
  }

  private async nameFor(upstream: Upstream, through: Upstream, listed: readonly unknown[]): Promise<ServerList> {
    const breath = new Breath();
    const list = { ...(await breath.through(this.select(upstream, listed))), through };
    await breath.through(this.publish(upstream, new Map(this.lists).set(upstream, list)));
    return list;
  }

  /** In turns: a list may be long. False if the server went meanwhile. */
  private async takeOver(upstream: Upstream, listed: readonly unknown[]): Promise<boolean> {
    const breath = new Breath();
    const list = await breath.through(this.select(upstream, listed));
    while (this.mcpClient.upstreams.includes(upstream)) {
      const next = await breath.through(this.draft(new Map(this.lists).set(upstream, list)));
      if (next?.revision !== this.current.revision + 1) continue;
      this.lists.set(upstream, list);
      this.show(next, upstream);
      this.logger.log({ msg: 'tools listed', upstream: upstream.name, tools: list.tools.length, revision: next.revision });
      return true;
    }
    return false;
  }

  /** What is next with these lists. Undefined where servers came or went meanwhile. */
  private *draft(lists: Lists): Slices<CatalogSnapshot | undefined> {
    const { revision } = this.current;
    for (const slices = this.build(revision + 1, lists); ;) {
      const step = slices.next();
      if (step.done) return step.value;
      yield;
      if (this.current.revision !== revision) return undefined;
    }
  }

  private *select({ name }: Upstream, listed: readonly unknown[]): Slices<ServerList> {
    const { tools, warnings } = yield* selectionOf(listed);
    for (const warning of warnings) {
      this.logger.warn({ msg: 'odd tool in the list', upstream: name, warning });
      yield;
    }
    return { tools, listed };
  }

  /** Servers come and go. One with other settings has the tools that it had, until it is listed anew. */
  private follow({ removed, replaced }: ServersChange): void {
    for (const { before, after } of replaced) {
      const list = this.lists.get(before);
      if (list) this.lists.set(after, { ...list });
      this.lists.delete(before);
    }
    for (const upstream of removed) {
      this.lists.delete(upstream);
      this.ownNames.delete(upstream.name);
    }
    this.show(atOnce(this.build(this.current.revision + 1, this.lists)));
  }

  private show(next: CatalogSnapshot, changed?: Upstream): void {
    this.current = next;
    for (const listener of this.listeners) listener(changed);
  }

  private *build(revision: number, lists: Lists): Slices<CatalogSnapshot> {
    const { naming } = this.settings;
    const { upstreams } = this.mcpClient;
    const entries: (readonly CatalogEntry[])[] = [];
    const servers: ServerTools[] = [];
    for (const upstream of upstreams) {
      const published = yield* this.publish(upstream, lists);
      entries.push(published?.entries ?? []);
      servers.push(published?.own ?? standIn(upstream));
    }
    const merged = lists.size === 0 ? [GATEWAY_STATUS_ENTRY] : entries.flat();
    const names = merged.map(({ publishedName }) => publishedName);
    const index = yield* toIndex(merged, names, ({ server, tool }) => (naming === 'bare' ? tool.name : `${server}_${tool.name}`));
    const byName = new Map([...servers, ...this.waiting()].map((server) => [server.name, server]));
    return { revision, naming, ...index, servers: byName, unlisted: upstreams.filter((upstream) => !lists.has(upstream)) };
  }

  /** Undefined for a server that has not been listed. */
  private *publish(upstream: Upstream, lists: Lists): Slices<Published | undefined> {
    const list = lists.get(upstream);
    const known = list && this.published.get(list);
    if (!list || known) return known;
    const entries = yield* this.toEntries(upstream, list, lists);
    const index = yield* toIndex(entries, yield* this.ownNamesOf(upstream, entries), ({ tool }) => tool.name);
    const published = { entries, own: { name: upstream.name, upstream, ...index } };
    this.published.set(list, published);
    return published;
  }

  private *toEntries(upstream: Upstream, { tools, through = upstream }: ServerList, lists: Lists): Slices<CatalogEntry[]> {
    const { name: server, settings } = upstream;
    const served: McpTool[] = [];
    yield* visitEach(tools, (tool) => isServed(tool.name, settings) && served.push(tool));
    const names = yield* this.mergedNames.publish(
      served.map(({ name }) => ({ server, name })),
      this.mcpClient.upstreams.map(({ name }) => name),
      () => this.toolsBeside(upstream, lists),
    );
    return served.map((tool, index) => ({ publishedName: names[index] as string, server, tool, upstream: through }));
  }

  private toolsBeside(upstream: Upstream, lists: Lists): NamedTool[] {
    const others = this.mcpClient.upstreams.filter((other) => other !== upstream);
    return others.flatMap((other) => (lists.get(other)?.tools ?? []).map(({ name }) => ({ server: other.name, name })));
  }

  /** Servers that wait for somebody to sign in: their documents are there, and say so. */
  private waiting(): ServerTools[] {
    const waiting = this.mcpClient.inactiveServers.filter(({ state }) => state === 'needs_auth');
    return waiting.map(({ name }) => ({ name, upstream: undefined, ...STAND_IN }));
  }

  private *ownNamesOf({ name }: Upstream, entries: readonly CatalogEntry[]): Slices<string[]> {
    if (this.settings.naming === 'bare') return entries.map(({ publishedName }) => publishedName);
    let names = this.ownNames.get(name);
    if (!names) this.ownNames.set(name, (names = new PublishedNames('bare')));
    return yield* names.publish(
      entries.map(({ server, tool }) => ({ server, name: tool.name })),
      [name],
    );
  }
}

/** What is there while a server has not been listed. */
const STAND_IN = atOnce(toIndex([GATEWAY_STATUS_ENTRY], [GATEWAY_STATUS], () => GATEWAY_STATUS));

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
