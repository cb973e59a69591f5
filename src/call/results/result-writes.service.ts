import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RedisCache } from '../../cache/redis-cache.service.js';
import { McpClient } from '../../mcp-client/mcp-client.service.js';
import type { RedisClient } from '../../redis/redis-connection.js';
import { RedisEvents } from '../../redis/redis-events.service.js';
import { RedisKeys } from '../../redis/redis-keys.service.js';
import { Redis, type Waiting } from '../../redis/redis.service.js';
import { DeferredWork } from '../../redis/deferred-work.js';

/** Longer than any result is kept. */
const GENERATION_TTL_MS = 2 * 24 * 3_600_000;

/**
 * Which results are of the time before a server was written through, here or by another replica: nobody gets these any more. Each write
 * begins a new generation of the server's results.
 */
@Injectable()
export class ResultWrites {
  /** How many writes through a server this replica knows of. */
  private readonly epochs = new Map<string, number>();
  /** Of all servers. */
  private epochOfAll = 0;
  /** Written through while Redis was away. */
  private readonly untold = new Set<string>();
  private readonly later: DeferredWork;

  constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly events: RedisEvents,
    private readonly cache: RedisCache,
    mcpClient: McpClient,
  ) {
    events.on('written', (server) => this.bump(server)).on('gap', () => (this.epochOfAll += 1));
    this.later = new DeferredWork(redis, () => this.tellUntold());
    mcpClient.on('servers', ({ removed, replaced }) => {
      for (const { name } of [...removed, ...replaced.map(({ before }) => before)]) this.bump(name);
    });
    mcpClient.on('gone', (server) => this.forget(server));
  }

  /** Whether there are other replicas to tell, and to hear of. */
  get areTold(): boolean {
    return this.redis.isConfigured;
  }

  /** Another one after each write that is known here: what was learnt in one epoch is not kept in the next. */
  epochOf(server: string): string {
    return `${this.epochOfAll} ${this.epochs.get(server) ?? 0}`;
  }

  /** Where the generation of a server's results is kept. */
  generationKeyOf(server: string): string {
    return this.keys.of('results', 'generation', server);
  }

  /** Whether what other replicas have kept of a server may be used: not while there is a write that they do not know of. */
  isTold(server: string): boolean {
    return !this.untold.has(server);
  }

  /** A call that may have changed something has ended: resolves when no replica answers with what was before. */
  async written(server: string, waiting: Waiting): Promise<void> {
    this.bump(server);
    if (!this.redis.isConfigured) return;
    this.untold.add(server);
    const isTold = (await this.redis.write(waiting, (client) => this.tell(client, server))) !== undefined;
    if (isTold) this.untold.delete(server);
    else this.later.ask();
  }

  /** The generation of what is kept from now on, where there is none yet; undefined where Redis does not say. */
  async begin(server: string): Promise<string | undefined> {
    const generation = randomUUID();
    const key = this.generationKeyOf(server);
    const isBegun = await this.redis.inBackground((client) =>
      client.set(key, JSON.stringify(generation), { NX: true, PX: GENERATION_TTL_MS }),
    );
    return isBegun === 'OK' ? generation : undefined;
  }

  private tell(client: RedisClient, server: string): Promise<unknown> {
    const generation = JSON.stringify(randomUUID());
    return Promise.all([
      this.cache.isForSecrets ? client.set(this.generationKeyOf(server), generation, { PX: GENERATION_TTL_MS }) : undefined,
      this.events.publish(client, 'written', server),
    ]);
  }

  private async tellUntold(): Promise<boolean> {
    for (const server of [...this.untold]) {
      if ((await this.redis.inBackground((client) => this.tell(client, server))) === undefined) return false;
      this.untold.delete(server);
    }
    return true;
  }

  /** What was kept of it meanwhile is of no epoch that comes. */
  private forget(server: string): void {
    this.untold.delete(server);
    this.epochs.delete(server);
    this.epochOfAll += 1;
  }

  private bump(server: string): void {
    this.epochs.set(server, (this.epochs.get(server) ?? 0) + 1);
  }
}
