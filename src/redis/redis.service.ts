import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { RedisMetrics } from '../metrics/redis-metrics.js';
import type { RedisClient } from './redis-connection.js';
import { failureOf, reasonOf } from './redis-failure.js';
import { RedisKeys } from './redis-keys.service.js';
import { RedisLink } from './redis-link.js';
import type { RedisStatus } from './redis-status.js';
import { within } from './within.js';

/** A request waits no longer for Redis, all its commands together. */
const BUDGET_MS = 50;
/** What no request waits for has this long. */
const BACKGROUND_MS = 2_000;
/** A replica that has not said for so long that it lives is gone. */
const REPLICA_TTL_MS = 15_000;
/** So long after its return replicas may still write what it has lost. */
const INCOMPLETE_MS = 10_000;
/** The start waits so long for the first connection. */
const START_MS = 500;

/** Whose waiting for Redis is counted: a request. */
export interface Waiting {
  /** Milliseconds. */
  redisMs: number;
}

interface RedisEvents {
  /** Takes writes again: what could not be written meanwhile can be, and what was may be lost. */
  up: [];
}

type Command<T> = (client: RedisClient) => Promise<T>;

/**
 * The one way to Redis, which helps where it can and is never waited for longer than 50 ms: a command that brings no answer in that time, or
 * for which there is no connection, is answered with undefined, and after five of them in a row nobody waits until a probe has been answered.
 */
@Injectable()
export class Redis extends EventEmitter<RedisEvents> implements OnModuleInit, OnApplicationShutdown {
  /** Of this process; new for each start. */
  readonly replicaId = randomUUID();
  private readonly logger = new Logger('redis');
  private link: RedisLink | undefined;
  private wasUp = false;
  /** `performance.now()` of its last return; the first connection is none. */
  private returnedAt = -Infinity;

  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'redisUrl'>,
    private readonly keys: RedisKeys,
    private readonly metrics: RedisMetrics,
  ) {
    super();
    this.setMaxListeners(0);
    metrics.show(() => ({ isUp: this.isUsable, isOpen: this.link?.breaker.isOpen ?? false }));
  }

  get isConfigured(): boolean {
    return this.settings.redisUrl !== undefined;
  }

  /** Whether a write would be tried now. */
  get isUsable(): boolean {
    return this.link?.clientFor('write') !== undefined;
  }

  /** Whether it was away so lately that what it does not know may be what it has lost, and is told again. */
  get isIncomplete(): boolean {
    return performance.now() - this.returnedAt < INCOMPLETE_MS;
  }

  /** Whether it has come back since `time`, as of `performance.now()`. */
  hasReturnedSince(time: number): boolean {
    return this.returnedAt > time;
  }

  status(): RedisStatus {
    if (!this.isConfigured) return NOT_CONFIGURED;
    return this.link?.status() ?? CONNECTING;
  }

  /** Waits for the first connection, but not for long: what is known there is to be known at the start. */
  async onModuleInit(): Promise<void> {
    const { redisUrl } = this.settings;
    if (redisUrl === undefined) return;
    const connections = await import('./redis-connection.js');
    this.link = new RedisLink(redisUrl, connections, (client) => client.set(this.keyOf(this.replicaId), '1', { PX: REPLICA_TTL_MS }), {
      onState: (state, reason) => this.tell(state, reason),
    });
    const over = new AbortController();
    await Promise.race([this.link.decided, sleep(START_MS, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
  }

  /** After everything that has something to write at the end. Whoever asks need not wait until it is known that this replica is gone. */
  async onApplicationShutdown(): Promise<void> {
    await this.link?.close((client) => client.del(this.keyOf(this.replicaId)));
  }

  /** A command that changes nothing, for a request. */
  read<T>(waiting: Waiting, command: Command<T>): Promise<T | undefined> {
    return this.run(command, this.link?.clientFor('read'), waiting);
  }

  /** Any other, for a request. */
  write<T>(waiting: Waiting, command: Command<T>): Promise<T | undefined> {
    return this.run(command, this.link?.clientFor('write'), waiting);
  }

  /** One that no request waits for: it may take two seconds. */
  inBackground<T>(command: Command<T>, kind: 'read' | 'write' = 'write'): Promise<T | undefined> {
    return this.run(command, this.link?.clientFor(kind));
  }

  /** Whether a replica has said lately that it lives; undefined where Redis does not say, or could not be told by all yet. */
  async lives(replicaId: string, waiting: Waiting): Promise<boolean | undefined> {
    const lives = await this.read(waiting, async (client) => (await client.exists(this.keyOf(replicaId))) > 0);
    return lives === false && this.isIncomplete ? undefined : lives;
  }

  private keyOf(replicaId: string): string {
    return this.keys.of('replicas', replicaId);
  }

  private async run<T>(command: Command<T>, client: RedisClient | undefined, waiting?: Waiting): Promise<T | undefined> {
    const ms = waiting ? BUDGET_MS - waiting.redisMs : BACKGROUND_MS;
    if (!client || ms <= 0) {
      if (this.isConfigured) this.metrics.count('skipped');
      return undefined;
    }
    const start = performance.now();
    try {
      const reply = await within(command(client), ms);
      this.link?.answered();
      this.metrics.count('answered');
      return reply;
    } catch (error) {
      this.failed(error);
      return undefined;
    } finally {
      if (waiting) waiting.redisMs += performance.now() - start;
    }
  }

  private failed(error: unknown): void {
    if (failureOf(error) === 'refused') {
      this.metrics.count('refused');
      this.logger.debug({ msg: 'Redis refused a command', reason: reasonOf(error) });
    } else {
      this.metrics.count('failed');
      this.link?.failed(error);
    }
  }

  private tell(state: keyof typeof MESSAGES | 'connecting', reason: string | undefined): void {
    if (state === 'connecting') return;
    if (state !== 'up') return this.logger.warn({ msg: MESSAGES[state], reason });
    this.logger.log({ msg: MESSAGES.up });
    if (this.wasUp) this.returnedAt = performance.now();
    this.wasUp = true;
    this.emit('up');
  }
}

const MESSAGES = {
  up: 'Redis is up',
  degraded: 'Redis takes no writes: this replica limits and remembers by itself',
  down: 'Redis is down: this replica limits and remembers by itself',
} as const;

const NOTHING_KNOWN = { since: new Date(), reason: undefined, checkedAt: undefined };
const NOT_CONFIGURED: RedisStatus = { state: 'not_configured', ...NOTHING_KNOWN };
const CONNECTING: RedisStatus = { state: 'connecting', ...NOTHING_KNOWN };
