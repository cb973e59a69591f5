import { Injectable } from '@nestjs/common';
import { MemoryCache } from '../../cache/memory-cache.js';
import { RedisCache } from '../../cache/redis-cache.service.js';
import { RedisKeys } from '../../redis/redis-keys.service.js';
import type { Waiting } from '../../redis/redis.service.js';
import { StateCipher } from '../../redis/state-cipher.service.js';
import { type KeptResult, keptToText, now, type Result, textToKept } from './kept-result.js';
import { ResultWrites } from './result-writes.service.js';

/** An old result may stand in while its server is away; then it is gone. */
const KEPT_MS = 24 * 3_600_000;
const MEMORY = { maxEntries: 10_000, maxBytes: 64 * 1024 * 1024, ttlMs: KEPT_MS } as const;
/** Of a result as text and as parsed. */
const BYTES_PER_CHARACTER = 4;
/** A longer result stays in memory. */
const MAX_SHARED_LENGTH = 1024 * 1024;
/** Of results on their way to Redis, in characters; beyond it a result stays in memory. */
const MAX_ON_THEIR_WAY = 16 * 1024 * 1024;

interface InMemory extends KeptResult {
  readonly epoch: string;
}

/** A place where a result is, or may be kept. */
export interface ResultPlace {
  readonly key: string;
  readonly server: string;
  /** That of the moment in which it was looked for: what comes later may have been made obsolete by a write meanwhile. */
  readonly epoch: string;
  /** The generation of what other replicas keep; undefined where that is not known. */
  readonly generation: string | undefined;
}

/** Results that stand for others: in the memory of this replica, and, where callers' data may be kept there, in Redis for all. */
@Injectable()
export class KeptResults {
  private readonly memory = new MemoryCache<InMemory>(MEMORY, ({ outcome }) => outcome.result.text.length * BYTES_PER_CHARACTER);

  private onTheirWay = 0;

  constructor(
    private readonly writes: ResultWrites,
    private readonly redis: RedisCache,
    private readonly keys: RedisKeys,
    private readonly cipher: StateCipher,
  ) {}

  /** Whether other replicas may make what is in memory here obsolete. */
  get areShared(): boolean {
    return this.writes.areTold;
  }

  /** What this replica has in memory, however old. */
  known(key: string, server: string): KeptResult | undefined {
    const kept = this.memory.get(key);
    return kept?.epoch === this.writes.epochOf(server) ? kept : undefined;
  }

  /** Where a result of now is to be kept that nobody has looked for in Redis. */
  placeOf(key: string, server: string): ResultPlace {
    return { key, server, epoch: this.writes.epochOf(server), generation: undefined };
  }

  /** What all replicas have, however old, and where another is to be kept. */
  async lookUp(place: ResultPlace, waiting: Waiting): Promise<{ readonly kept: KeptResult | undefined; readonly place: ResultPlace }> {
    const { key, server } = place;
    if (!this.redis.isForSecrets || !this.writes.isTold(server)) return { kept: undefined, place };
    const name = this.nameOf(key);
    const found = await this.redis.getAll(waiting, [this.writes.generationKeyOf(server), name]);
    const generation = typeof found?.[0] === 'string' ? found[0] : undefined;
    const text = generation === undefined ? undefined : this.cipher.open(found?.[1], name);
    const kept = text === undefined ? undefined : textToKept(text, generation as string);
    if (kept) this.keepInMemory(place, kept);
    return { kept, place: { ...place, generation } };
  }

  /** Keeps a result, unless its server was written through since its place was looked for. Nobody waits for that. */
  keep(place: ResultPlace, outcome: Result): void {
    const kept = { outcome, at: now() };
    if (this.keepInMemory(place, kept)) void this.share(place, kept);
  }

  private keepInMemory({ key, server, epoch }: ResultPlace, kept: KeptResult): boolean {
    if (epoch !== this.writes.epochOf(server)) return false;
    this.memory.set(key, { ...kept, epoch });
    return true;
  }

  private async share(place: ResultPlace, kept: KeptResult): Promise<void> {
    const { server, key, epoch } = place;
    const { length } = kept.outcome.result.text;
    if (!this.redis.isForSecrets || !this.writes.isTold(server) || length > MAX_SHARED_LENGTH) return;
    if (this.onTheirWay + length > MAX_ON_THEIR_WAY) return;
    this.onTheirWay += length;
    const generation = place.generation ?? (await this.generationOf(server));
    const name = this.nameOf(key);
    if (generation !== undefined && epoch === this.writes.epochOf(server))
      await this.redis.setInBackground(name, this.cipher.seal(keptToText(kept, generation), name), KEPT_MS);
    this.onTheirWay -= length;
  }

  private async generationOf(server: string): Promise<string | undefined> {
    const [known] = (await this.redis.getAll({ redisMs: 0 }, [this.writes.generationKeyOf(server)])) ?? [];
    return typeof known === 'string' ? known : this.writes.begin(server);
  }

  private nameOf(key: string): string {
    return this.keys.of('results', this.cipher.nameOf(key));
  }
}
