import { Logger } from '@nestjs/common';
import type { Upstream } from '../../mcp-client/upstream.js';
import type { SharedListWriter } from './shared-list-writer.service.js';
import type { SharedLists } from './shared-lists.service.js';
import type { StoredList } from './stored-list.js';
import type { ToolCatalog } from '../tool-catalog.service.js';

/** Where lists go to and come from, besides their servers. */
export interface ListPlaces {
  readonly catalog: ToolCatalog;
  readonly shared: SharedLists;
  readonly writer: SharedListWriter;
  readonly ttlMs: number;
}

interface Age {
  /** When the server was asked, in milliseconds since 1970. */
  readonly listedAt: number;
  /** `performance.now()` when the list has grown old. */
  readonly freshUntil: number;
  /** Told by the server to this or another replica; by the one in whose place it is; or days ago, maybe. */
  readonly origin: 'server' | 'server before' | 'last good';
}

/** What is published of one server: how old it is, and what takes its place. */
export class PublishedList {
  private readonly logger = new Logger('discovery');
  private age: Age | undefined;

  constructor(
    private readonly upstream: Upstream,
    private readonly places: ListPlaces,
    before?: PublishedList,
  ) {
    this.age = before?.age && { ...before.age, origin: before.age.origin === 'last good' ? 'last good' : 'server before' };
  }

  /** Since when the server was asked for it; undefined where there is none. */
  get ageMs(): number | undefined {
    return this.age && Math.max(0, Date.now() - this.age.listedAt);
  }

  /** For how long it is young enough. */
  get freshMs(): number {
    return Math.max(0, (this.age?.freshUntil ?? 0) - performance.now());
  }

  /** Whether it is older than it should be, where there is no other to be had; or how old it is, is not known. */
  isStaleIf(isLast: boolean): boolean {
    if (!this.age) return false;
    return this.age.origin === 'last good' || (isLast && this.freshMs === 0);
  }

  /** Asks the server, and leaves what it says to the other replicas. Rejects when it cannot be asked. */
  async takeFromServer(): Promise<void> {
    const [before, listedAt] = [this.age, Date.now()];
    const tools = await this.upstream.listTools();
    // Another replica may have asked later, and been answered sooner.
    if (this.age !== before && this.age && this.age.listedAt > listedAt) return;
    const freshUntil = performance.now() + this.places.ttlMs;
    const isChanged = await this.publish(tools, { listedAt, freshUntil, origin: 'server' });
    this.places.writer.keep(this.upstream, { listedAt, isChanged });
  }

  /** What another replica was told; false if that is not younger. */
  async take({ tools, listedAt }: StoredList): Promise<boolean> {
    if (this.age && this.age.origin !== 'last good' && this.age.listedAt >= listedAt) return false;
    const ageMs = Math.max(0, Date.now() - listedAt);
    await this.publish(tools, { listedAt, freshUntil: performance.now() + this.places.ttlMs - ageMs, origin: 'server' });
    this.logger.debug({ msg: 'tools as another replica was told them', upstream: this.upstream.name, age_ms: ageMs });
    return true;
  }

  /** What it was some time ago, where nothing else is known. */
  async takeLastGood({ tools, listedAt }: StoredList): Promise<void> {
    await this.publish(tools, { listedAt, freshUntil: -Infinity, origin: 'last good' });
    const since = new Date(listedAt).toISOString();
    this.logger.warn({ msg: 'the tools are those that the server listed last', upstream: this.upstream.name, since });
  }

  /** Leaves it to the other replicas, where what these find is older. */
  keepIfYounger(stored: StoredList | undefined): void {
    const { age } = this;
    if (age?.origin !== 'server' || this.freshMs === 0 || (stored && stored.listedAt >= age.listedAt)) return;
    this.places.writer.keep(this.upstream, { listedAt: age.listedAt, isChanged: true });
  }

  /** It is of this age from now on: nothing older takes its place meanwhile. */
  private async publish(tools: readonly unknown[], age: Age): Promise<boolean> {
    const before = this.age;
    this.age = age;
    try {
      return await this.places.catalog.replace(this.upstream, tools);
    } catch (error) {
      if (this.age === age) this.age = before;
      throw error;
    }
  }
}
