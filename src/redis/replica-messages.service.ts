import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import type { RedisClient } from './redis-connection.js';
import { RedisKeys } from './redis-keys.service.js';
import { Redis } from './redis.service.js';
import { StateCipher } from './state-cipher.service.js';

/** Messages that may wait for one replica. */
const MAX_WAITING = 10_000;
/** Longest that they wait for one that reads none. */
const KEPT_MS = 60_000;
const READ_AT_ONCE = 100;
/** One read waits so long for something to read. */
const BLOCK_MS = 5_000;
const PAUSE_MS = 200;

/**
 * Messages from one replica to another (a Redis stream for each), in their order, encrypted, each delivered once. Needs REDIS_URL and
 * STATE_ENCRYPTION_KEY.
 */
@Injectable()
export class ReplicaMessages extends EventEmitter<{ message: [string] }> implements OnApplicationShutdown {
  private reader: RedisClient | undefined;
  private isReading = false;
  private isClosed = false;
  private lastId = '0';

  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'redisUrl'>,
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly cipher: StateCipher,
  ) {
    super();
  }

  /** Whether there can be any. */
  get isThere(): boolean {
    return this.redis.isConfigured && this.cipher.hasKey;
  }

  /** Reads what comes from now on; harmless when repeated. */
  read(): void {
    if (this.isReading || !this.isThere) return;
    this.isReading = true;
    void this.readOn();
  }

  /** Whether it is on its way. */
  async send(replicaId: string, text: string): Promise<boolean> {
    if (!this.isThere) return false;
    const key = this.keyOf(replicaId);
    const sealed = this.cipher.seal(text, key);
    const options = { TRIM: { strategy: 'MAXLEN', strategyModifier: '~', threshold: MAX_WAITING } } as const;
    const sent = await this.redis.inBackground((client) =>
      Promise.all([client.xAdd(key, '*', { m: sealed }, options), client.pExpire(key, KEPT_MS)]),
    );
    return sent !== undefined;
  }

  async onApplicationShutdown(): Promise<void> {
    this.isClosed = true;
    await this.end();
  }

  private async readOn(): Promise<void> {
    const { connect } = await import('./redis-connection.js');
    // A connection that hangs is made anew when Redis is back.
    this.redis.on('up', () => void this.end());
    while (!this.isClosed) {
      this.reader ??= connect(this.settings.redisUrl as string, { ready: () => undefined, failed: () => undefined });
      try {
        await this.readSome(this.reader);
      } catch {
        await sleep(PAUSE_MS, undefined, { ref: false });
      }
    }
    await this.end();
  }

  private async readSome(reader: RedisClient): Promise<void> {
    const key = this.keyOf(this.redis.replicaId);
    const read = await reader.xRead({ key, id: this.lastId }, { BLOCK: BLOCK_MS, COUNT: READ_AT_ONCE });
    const messages = read?.[0]?.messages ?? [];
    if (messages.length === 0) return;
    const ids = messages.map(({ id }) => id);
    this.lastId = ids.at(-1) as string;
    void this.redis.inBackground((client) => client.xDel(key, ids));
    for (const { message } of messages) {
      const text = this.cipher.open(message.m, key);
      if (text !== undefined) this.emit('message', text);
    }
  }

  private async end(): Promise<void> {
    const { reader } = this;
    this.reader = undefined;
    if (reader) await import('./redis-connection.js').then(({ disconnect }) => disconnect(reader));
  }

  private keyOf(replicaId: string): string {
    return this.keys.of('mail', replicaId);
  }
}
