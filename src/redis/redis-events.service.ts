import { EventEmitter } from 'node:events';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import type { RedisClient } from './redis-connection.js';
import { RedisKeys } from './redis-keys.service.js';
import { Redis } from './redis.service.js';
import { within } from './within.js';

/** What replicas tell one another; each hears only the others. */
interface ReplicaEvents {
  /** A server's tools are others now: the name of the server. */
  list: [string];
  /** A server was written through: by what its results are named. */
  written: [string];
  /** Something was granted or taken back: sealed. */
  grant: [string];
  /** Messages may have been missed until now. */
  gap: [];
}

const LOOK_EACH_MS = 5_000;
const ANSWER_MS = 2_000;

type Kind = Exclude<keyof ReplicaEvents, 'gap'>;

/** Messages between the replicas that share a Redis (pub/sub). What is told while it is away is not told later; `gap` says so at its return. */
@Injectable()
export class RedisEvents extends EventEmitter<ReplicaEvents> implements OnModuleInit, OnApplicationShutdown {
  private subscriber: RedisClient | undefined;
  private subscribing: Promise<void> = Promise.resolve();
  private watching: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'redisUrl'>,
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
  ) {
    super();
    this.setMaxListeners(0);
  }

  async onModuleInit(): Promise<void> {
    if (this.settings.redisUrl === undefined) return;
    // A connection that hangs and one that was lost are both made anew when Redis is back.
    this.redis.on('up', () => void this.subscribe());
    this.watching = setInterval(() => void this.look(), LOOK_EACH_MS).unref();
    if (this.redis.isUsable) await this.subscribe();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.watching);
    await this.subscribing;
    await this.end();
  }

  /** The command that tells the others, to be sent with others of its request. */
  publish(client: RedisClient, kind: Kind, what: string): Promise<unknown> {
    return client.publish(this.keys.channel, JSON.stringify([this.redis.replicaId, kind, what]));
  }

  private subscribe(): Promise<void> {
    return (this.subscribing = this.subscribing.then(() => this.connect()));
  }

  private async connect(): Promise<void> {
    const { connect } = await import('./redis-connection.js');
    await this.end();
    if (this.isClosed) return;
    let hasBeenReady = false;
    const subscriber = connect(this.settings.redisUrl as string, {
      ready: () => {
        // It subscribes again by itself.
        if (hasBeenReady) this.emit('gap');
        hasBeenReady = true;
      },
      failed: () => undefined,
    });
    this.subscriber = subscriber;
    await within(
      subscriber.subscribe(this.keys.channel, (message) => this.hear(message)),
      ANSWER_MS,
    ).catch(() => undefined);
    this.emit('gap');
  }

  /** A network may have swallowed this connection alone. */
  private async look(): Promise<void> {
    const { subscriber } = this;
    if (!subscriber || !this.redis.isUsable) return;
    const isThere = subscriber.isReady && (await within(subscriber.ping(), ANSWER_MS).then(isTrue, isFalse));
    if (!isThere && this.subscriber === subscriber && !this.isClosed) await this.subscribe();
  }

  private async end(): Promise<void> {
    const { subscriber } = this;
    this.subscriber = undefined;
    if (subscriber) await import('./redis-connection.js').then(({ disconnect }) => disconnect(subscriber));
  }

  /** Whatever else is said on the channel is nothing. */
  private hear(message: string): void {
    const [from, kind, what] = read(message);
    if (from === this.redis.replicaId || typeof what !== 'string') return;
    if (kind === 'list' || kind === 'written' || kind === 'grant') this.emit(kind, what);
  }
}

const isTrue = () => true;
const isFalse = () => false;

function read(message: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(message);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
