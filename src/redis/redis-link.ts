import { setTimeout as sleep } from 'node:timers/promises';
import { RedisBreaker } from './redis-breaker.js';
import type { RedisClient } from './redis-connection.js';
import { failureOf, reasonOf } from './redis-failure.js';
import type { RedisStatus } from './redis-status.js';
import { within } from './within.js';

type Connections = typeof import('./redis-connection.js');
type LinkState = 'connecting' | 'up' | 'degraded' | 'down';

/** A probe that is answered so late still says that Redis is there; */
const PROBE_MS = 500;
/** one that is to end an outage has a request's time. */
const FIRST_PROBE_MS = 50;
const PROBE_EACH_MS = { up: 5_000, else: 1_000 } as const;
/** A connection over which nothing has come for so long while commands were waiting is given up for a new one. */
const HANGING_MS = 5_000;

/** What is told of a link as it happens. */
interface LinkEvents {
  /** Another state than before. */
  onState(state: LinkState, reason: string | undefined): void;
}

/** The connection to Redis: made, watched, and made again for as long as the gateway runs. */
export class RedisLink {
  readonly breaker = new RedisBreaker();
  /** Resolves when the first attempt to reach Redis has ended. */
  readonly decided: Promise<void>;
  private state: LinkState = 'connecting';
  private since = new Date();
  private reason: string | undefined;
  private checkedAt: Date | undefined;
  private current: RedisClient;
  /** `performance.now()` of the last sign of life. */
  private aliveAt = 0;
  private isClosed = false;
  private wake: () => void = () => undefined;
  private decide: () => void = () => undefined;
  private readonly watching: Promise<void>;

  /** `probe` is a write that says that this replica lives. */
  constructor(
    private readonly url: string,
    private readonly connections: Connections,
    private readonly probe: (client: RedisClient) => Promise<unknown>,
    private readonly events: LinkEvents,
  ) {
    this.decided = new Promise((resolve) => (this.decide = resolve));
    this.current = this.open();
    this.watching = this.watch();
  }

  /** The client for a command; undefined where it would not be answered. */
  clientFor(kind: 'read' | 'write'): RedisClient | undefined {
    const isThere = kind === 'write' ? this.state === 'up' : this.state === 'up' || this.state === 'degraded';
    return isThere && this.current.isReady ? this.current : undefined;
  }

  status(): RedisStatus {
    const { state, since, reason, checkedAt } = this;
    return { state, since, reason, checkedAt };
  }

  /** A command was answered. */
  answered(): void {
    this.aliveAt = performance.now();
    this.breaker.succeeded();
  }

  /** A command was not answered, or by an error that says that no other would be. */
  failed(error: unknown): void {
    const takesNoWrites = failureOf(error) === 'no_writes';
    if (!takesNoWrites && !this.breaker.failed()) return;
    this.enter(takesNoWrites ? 'degraded' : 'down', reasonOf(error));
    this.wake();
  }

  /** `farewell` is the last command. */
  async close(farewell: (client: RedisClient) => Promise<unknown>): Promise<void> {
    this.isClosed = true;
    this.wake();
    await this.watching;
    const client = this.clientFor('write');
    if (client) await within(farewell(client), PROBE_MS).catch(() => undefined);
    await this.connections.disconnect(this.current);
  }

  private open(): RedisClient {
    this.aliveAt = performance.now();
    const client = this.connections.connect(this.url, {
      ready: () => this.wake(),
      failed: (error) => {
        if (this.current === client && !client.isReady) this.enter('down', reasonOf(error));
      },
    });
    return client;
  }

  private async watch(): Promise<void> {
    while (!this.isClosed) {
      await this.look();
      if (this.isClosed) return;
      const waiting = new AbortController();
      this.wake = () => waiting.abort();
      const ms = this.state === 'up' ? PROBE_EACH_MS.up : PROBE_EACH_MS.else;
      await sleep(ms, undefined, { signal: waiting.signal, ref: false }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    if (!this.current.isReady) return this.replaceIfHanging();
    try {
      await within(this.probe(this.current), this.breaker.isOpen ? FIRST_PROBE_MS : PROBE_MS);
      this.found('up');
    } catch (error) {
      if (failureOf(error) === 'no_writes') return this.found('degraded', reasonOf(error));
      this.enter('down', reasonOf(error));
      await this.replaceIfHanging();
    }
  }

  private found(state: 'up' | 'degraded', reason?: string): void {
    this.aliveAt = performance.now();
    this.breaker.close();
    this.enter(state, reason);
  }

  /** A connection that a network has swallowed is never told so. */
  private async replaceIfHanging(): Promise<void> {
    if (performance.now() - this.aliveAt < HANGING_MS || this.isClosed) return;
    // The new one may hang as well, and then says nothing by itself.
    this.enter('down', 'no answer in time');
    const hanging = this.current;
    this.current = this.open();
    await this.connections.disconnect(hanging);
  }

  private enter(state: LinkState, reason?: string): void {
    this.checkedAt = new Date();
    this.reason = reason;
    this.decide();
    if (this.state === state || this.isClosed) return;
    this.state = state;
    this.since = new Date();
    this.events.onState(state, reason);
  }
}
