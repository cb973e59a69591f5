import { Inject, Injectable, Logger } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../config/settings.js';
import type { Upstream } from '../../mcp-client/upstream.js';
import type { RedisClient } from '../../redis/redis-connection.js';
import { RedisEvents } from '../../redis/redis-events.service.js';
import { failureOf } from '../../redis/redis-failure.js';
import { RedisKeys } from '../../redis/redis-keys.service.js';
import { Redis } from '../../redis/redis.service.js';
import { type StoredList, textToList } from './stored-list.js';

/** Longest that one replica has the others wait for what a server lists to it. */
const LONGEST_CLAIM_MS = 5_000;
/** How often they look for it meanwhile. */
const LOOKS_IN_A_CLAIM = 5;

/** What replicas have learnt of servers' tools. Nothing that is read is believed before it has been looked at; what is wrong is not there. */
@Injectable()
export class SharedLists {
  private readonly logger = new Logger('discovery');
  /** Servers of which it was said that what is stored is wrong. */
  private readonly told = new WeakSet<Upstream>();
  private readonly claimMs: number;

  constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly events: RedisEvents,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'cacheTtlMs' | 'sharesLists'>,
  ) {
    this.claimMs = Math.min(LONGEST_CLAIM_MS, settings.cacheTtlMs / 2);
  }

  /** Calls the listener with the name of a server of which another replica has learnt other tools; with undefined where that may have been missed. */
  onNews(listener: (server: string | undefined) => void): void {
    this.events.on('list', listener).on('gap', () => listener(undefined));
  }

  /** Lists not older than CACHE_TTL, in the order of the servers, for the start, which waits for all of them 50 ms at the most. */
  async freshAtStart(upstreams: readonly Upstream[]): Promise<readonly (StoredList | undefined)[]> {
    const read = (client: RedisClient) => Promise.all(upstreams.map((upstream) => this.textOf(client, 'discovery', upstream)));
    const texts = this.settings.sharesLists ? await this.redis.read({ redisMs: 0 }, read) : undefined;
    return upstreams.map((upstream, index) => this.freshOf(upstream, texts?.[index]));
  }

  /** A list not older than CACHE_TTL, for nobody who waits. */
  async fresh(upstream: Upstream): Promise<StoredList | undefined> {
    return this.freshOf(upstream, await this.stored('discovery', upstream));
  }

  /** What a server listed last, up to seven days ago: for one that cannot be asked. */
  async lastGood(upstream: Upstream): Promise<StoredList | undefined> {
    return this.listOf(upstream, await this.stored('last-good', upstream));
  }

  /** Whether this replica is the one that asks a server whose list has grown old: always, where Redis does not say. */
  async claim({ name }: Upstream): Promise<boolean> {
    if (!this.settings.sharesLists) return true;
    const [key, me] = [this.keys.of('tools', 'listing', name), this.redis.replicaId];
    const holder = await this.redis.inBackground(async (client) => {
      const [, holder] = await Promise.all([client.set(key, me, { NX: true, PX: this.claimMs }), client.get(key)]);
      return holder ?? 'nobody';
    });
    return holder === undefined || holder === me;
  }

  /** After so long one that may not ask looks again, */
  get busyPauseMs(): number {
    return this.claimMs / LOOKS_IN_A_CLAIM;
  }

  /** and one that cannot. */
  get awayPauseMs(): number {
    return this.claimMs;
  }

  private async stored(kind: 'discovery' | 'last-good', upstream: Upstream): Promise<string | undefined> {
    if (!this.settings.sharesLists) return undefined;
    return this.redis.inBackground((client) => this.textOf(client, kind, upstream), 'read');
  }

  private freshOf(upstream: Upstream, text: string | undefined): StoredList | undefined {
    const list = this.listOf(upstream, text);
    return list && list.listedAt > Date.now() - this.settings.cacheTtlMs ? list : undefined;
  }

  /** One byte more than there may be, at the most; empty for what is not there. */
  private textOf(client: RedisClient, kind: 'discovery' | 'last-good', { name, settings }: Upstream): Promise<string> {
    return client.getRange(this.keys.of('tools', kind, name), 0, settings.maxListBytes).catch((error: unknown) => {
      if (failureOf(error) === 'refused') return NO_TEXT;
      throw error;
    });
  }

  private listOf(upstream: Upstream, text: string | undefined): StoredList | undefined {
    if (text === undefined || text === '') return undefined;
    const list = textToList(text, upstream.settings.maxListBytes);
    if (!list && !this.told.has(upstream)) {
      this.told.add(upstream);
      this.logger.warn({ msg: 'what Redis holds of the tools is no list of this gateway, and is made anew', upstream: upstream.name });
    }
    return list;
  }
}

/** Stands for a value that is none. */
const NO_TEXT = 'none';
