import { homedir } from 'node:os';
import path from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { RedisKeys } from '../redis/redis-keys.service.js';
import { Redis } from '../redis/redis.service.js';
import { StateCipher } from '../redis/state-cipher.service.js';
import { FileBackend } from './file-backend.js';
import type { GrantBackend } from './grant-backend.js';
import { MemoryBackend } from './memory-backend.js';
import { RedisBackend } from './redis-backend.js';

/** Under which messages to other replicas are sealed. */
const MESSAGE = 'grants changed';

/** What is kept: grants and registrations without an end, and what was begun, for a while. */
type Kind = 'kept' | 'begun';

/**
 * Keeps what people granted, encrypted, in Redis or in a file of this machine; without STATE_ENCRYPTION_KEY in memory alone. Names are made of
 * everything that a grant is bound to: one of another server, address or owner is not found.
 */
@Injectable()
export class GrantStore {
  /** Whether it outlives the process. */
  readonly isLasting: boolean;
  /** Whether other replicas have it, too. */
  readonly isShared: boolean;
  private readonly backend: GrantBackend;
  private readonly memory = new MemoryBackend();

  constructor(
    @Inject(SETTINGS) { stateDirectory }: Pick<Settings, 'stateDirectory'>,
    private readonly cipher: StateCipher,
    redis: Redis,
    keys: RedisKeys,
  ) {
    this.isLasting = cipher.hasKey;
    this.isShared = cipher.hasKey && redis.isConfigured;
    const logger = new Logger('grants');
    const file = path.join(stateDirectory ?? path.join(homedir(), '.local', 'state'), 'mcpo-proxy', 'grants.json');
    const failed = (error: unknown) =>
      logger.error({ msg: 'the file of grants cannot be used', file, error: (error as { code?: string }).code });
    this.backend = !cipher.hasKey ? this.memory : redis.isConfigured ? new RedisBackend(redis, keys) : new FileBackend(file, failed);
  }

  async get<T>(kind: Kind, parts: readonly string[], isKept = true): Promise<T | undefined> {
    const name = this.nameOf(kind, parts);
    return this.opened<T>(await this.for(isKept).get(name), name);
  }

  async set(kind: Kind, parts: readonly string[], value: object, ttlMs?: number, isKept = true): Promise<void> {
    const name = this.nameOf(kind, parts);
    const text = JSON.stringify(value);
    await this.for(isKept).set(name, this.cipher.hasKey ? this.cipher.seal(text, name) : text, ttlMs);
  }

  /** For whoever asks first. */
  async take<T>(kind: Kind, parts: readonly string[]): Promise<T | undefined> {
    const name = this.nameOf(kind, parts);
    return this.opened<T>(await this.backend.take(name), name);
  }

  async delete(kind: Kind, parts: readonly string[], isKept = true): Promise<void> {
    await this.for(isKept).delete(this.nameOf(kind, parts));
  }

  async all<T>(): Promise<T[]> {
    const backends = this.backend === this.memory ? [this.memory] : [this.backend, this.memory];
    const found = (await Promise.all(backends.map((backend) => backend.all()))).flat();
    return found.flatMap(([name, text]) => this.opened<T>(text, name) ?? []);
  }

  exclusively<T>(parts: readonly string[], work: () => Promise<T>, isKept = true): Promise<T> {
    return this.for(isKept).exclusively(this.nameOf('kept', parts), work);
  }

  /** For other replicas, which alone can read it; undefined where nothing is shared. */
  sealMessage(told: readonly [server: string, owner: string]): string | undefined {
    return this.isLasting ? this.cipher.seal(JSON.stringify(told), MESSAGE) : undefined;
  }

  openMessage(message: string): [server: string, owner: string] | undefined {
    const clear = this.isLasting ? this.cipher.open(message, MESSAGE) : undefined;
    return clear === undefined ? undefined : (JSON.parse(clear) as [string, string]);
  }

  private for(isKept: boolean): GrantBackend {
    return isKept ? this.backend : this.memory;
  }

  private nameOf(kind: Kind, parts: readonly string[]): string {
    return `${kind}:${this.cipher.hasKey ? this.cipher.nameOf('grant', kind, ...parts) : JSON.stringify(parts)}`;
  }

  /** Undefined for what was sealed for something else, or with another key. */
  private opened<T>(text: string | undefined, name: string): T | undefined {
    if (text === undefined) return undefined;
    const clear = this.cipher.hasKey ? this.cipher.open(text, name) : text;
    return clear === undefined ? undefined : (JSON.parse(clear) as T);
  }
}
