import { Injectable } from '@nestjs/common';
import type { RedisClient } from '../../redis/redis-connection.js';
import { RedisKeys } from '../../redis/redis-keys.service.js';
import { Redis, type Waiting } from '../../redis/redis.service.js';
import { StateCipher } from '../../redis/state-cipher.service.js';
import { type CallRecord, recordToText, type StartedRecord, textToRecord } from './call-record.js';

/** Longest that a key is remembered. */
export const KEPT_MS = 24 * 3_600_000;

/** What Redis says of a key: the record that was first, or that this one is; `away` where it does not say. */
type Claim = { readonly kind: 'first' } | { readonly kind: 'known'; readonly record: CallRecord } | { readonly kind: 'away' };

/** What all replicas know of calls with an idempotency key; sealed, for outcomes are callers' data. */
@Injectable()
export class CallRecordsInRedis {
  constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly cipher: StateCipher,
  ) {}

  /** Whether there are other replicas, which are not asked now. */
  get isMissed(): boolean {
    return this.redis.isConfigured && !(this.isShared && this.redis.isUsable);
  }

  /** Whether replicas have records of one another. */
  get isShared(): boolean {
    return this.redis.isConfigured && this.cipher.hasKey;
  }

  /** Notes that a call begins, unless another one has. */
  async claim(name: string, args: string, waiting: Waiting): Promise<Claim> {
    if (!this.isShared) return AWAY;
    const key = this.keyOf(name);
    const started: StartedRecord = { state: 'started', args, replica: this.redis.replicaId };
    const sealed = this.cipher.seal(recordToText(started), key);
    const replies = await this.redis.write(waiting, (client) =>
      Promise.all([client.set(key, sealed, { NX: true, PX: KEPT_MS }), client.get(key)]),
    );
    if (replies?.[0] === 'OK') return { kind: 'first' };
    // One that takes no writes may still know.
    const text = replies ? replies[1] : await this.redis.read(waiting, (client) => client.get(key));
    const record = this.opened(text ?? null, key);
    return record ? { kind: 'known', record } : AWAY;
  }

  /** The record of now; null where there is none any more, undefined where Redis does not say. */
  async read(name: string): Promise<CallRecord | null | undefined> {
    const key = this.keyOf(name);
    const reply = await this.redis.read({ redisMs: 0 }, async (client) => ({ text: await client.get(key) }));
    if (!reply) return undefined;
    return reply.text === null ? null : this.opened(reply.text, key);
  }

  /** Whether the replica that makes a call lives; undefined where Redis does not say. */
  lives({ replica }: StartedRecord): Promise<boolean | undefined> {
    return this.redis.lives(replica, { redisMs: 0 });
  }

  /** Whether Redis may have lost what it knew of a call since `time`, as of `performance.now()`. */
  mayHaveForgotten(time: number): boolean {
    return this.redis.hasReturnedSince(time);
  }

  /** Notes how a call has ended; undefined: it has not been made, and may be. True once that is done. */
  async end(name: string, record: CallRecord | undefined, waiting: Waiting | undefined): Promise<boolean> {
    if (!this.isShared) return true;
    const key = this.keyOf(name);
    const sealed = record && this.cipher.seal(recordToText(record), key);
    const command = (client: RedisClient): Promise<unknown> =>
      sealed === undefined ? client.del(key) : client.set(key, sealed, { PX: KEPT_MS });
    const reply = await (waiting ? this.redis.write(waiting, command) : this.redis.inBackground(command));
    return reply !== undefined;
  }

  private opened(sealed: string | null, key: string): CallRecord | undefined {
    const text = this.cipher.open(sealed, key);
    return text === undefined ? undefined : textToRecord(text);
  }

  private keyOf(name: string): string {
    return this.keys.of('idempotency', this.cipher.nameOf(name));
  }
}

const AWAY: Claim = { kind: 'away' };
