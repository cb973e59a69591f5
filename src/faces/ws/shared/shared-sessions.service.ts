import { EventEmitter } from 'node:events';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DeferredWork } from '../../../redis/deferred-work.js';
import type { RedisClient } from '../../../redis/redis-connection.js';
import { RedisKeys } from '../../../redis/redis-keys.service.js';
import { Redis } from '../../../redis/redis.service.js';
import { StateCipher } from '../../../redis/state-cipher.service.js';
import { SOCKET_BOUNDS, type SocketBounds } from '../bounds.js';
import type { OutboundFrame } from '../frames/outbound-frame.js';
import type { SocketSession } from '../session/socket-session.js';
import { type CallNote, entryToFrame, Journal, type JournalKeys, type JournalWriter, type SessionRecord } from './journal.js';

/** How often it is said that sessions are still there; what is said of them is kept so much longer. */
const REFRESH_MS = 60_000;
/** Longest that taking a session over may take. */
const TAKING_MS = 10_000;

/** What is left of a session whose replica is gone. */
export interface LeftBehind {
  readonly frames: readonly OutboundFrame[];
  /** Digests by id. */
  readonly calls: ReadonlyMap<string, string>;
  /** Of those the calls whose ends nobody knows. */
  readonly unended: ReadonlySet<string>;
}

interface SharedEvents {
  /** Another replica has the session meanwhile: this one was thought to be gone. */
  taken: [SocketSession];
}

/**
 * What replicas know of one another's sessions, where there is a Redis and a key to encrypt it with. No call waits for it to be written; what
 * could not be, or may be lost since Redis was away, is written anew once Redis is back.
 */
@Injectable()
export class SharedSessions extends EventEmitter<SharedEvents> implements OnModuleDestroy {
  private readonly journaled = new Map<SocketSession, Journal>();
  /** Those of which Redis may not have everything. */
  private readonly unwritten = new Set<SocketSession>();
  private readonly later: DeferredWork;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly redisKeys: RedisKeys,
    private readonly cipher: StateCipher,
    @Inject(SOCKET_BOUNDS) private readonly bounds: SocketBounds,
  ) {
    super();
    this.later = new DeferredWork(
      redis,
      () => this.writeAnew(),
      () => this.addAll(),
    );
  }

  get isThere(): boolean {
    return this.redis.isConfigured && this.cipher.hasKey;
  }

  /** Other replicas know of the session from now on; harmless when repeated. */
  begin(session: SocketSession): void {
    if (!this.isThere || session.journal || session.isOver) return;
    const journal = new Journal(session, this.keysOf(session.token), this.writerOf(session));
    session.journal = journal;
    this.journaled.set(session, journal);
    journal.begin();
    this.timer ??= setInterval(() => this.refresh(), REFRESH_MS).unref();
  }

  /** Nobody can come back to it. */
  end(session: SocketSession): void {
    this.forget(session)?.end();
  }

  /** Another replica may have it. Resolves when that is known, or cannot be told. */
  async release(session: SocketSession): Promise<void> {
    await this.forget(session)?.release();
  }

  /** Whoever comes back needs not wait until this replica is known to be gone. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([...this.journaled.keys()].map((session) => this.release(session)));
  }

  /** Who has the session of a token; null where nobody has, undefined where Redis does not say. */
  async find(token: string): Promise<SessionRecord | null | undefined> {
    const { record } = this.keysOf(token);
    const reply = await this.redis.read({ redisMs: 0 }, async (client) => ({ sealed: await client.get(record) }));
    if (!reply) return undefined;
    const text = this.cipher.open(reply.sealed, record);
    return text === undefined ? null : (JSON.parse(text) as SessionRecord);
  }

  /** What a replica that is gone has left of a session; undefined where Redis does not say, or another replica takes it over at this moment. */
  async takeOver(token: string): Promise<LeftBehind | undefined> {
    const { record, said, calls } = this.keysOf(token);
    const replies = await this.redis.inBackground(async (client) => {
      const isFirst = await client.set(`${record}:taking`, this.redis.replicaId, { NX: true, PX: TAKING_MS });
      return isFirst === null ? undefined : Promise.all([client.xRange(said, '-', '+'), client.xRange(calls, '-', '+')]);
    });
    if (!replies) return undefined;
    const [frames, taken] = replies;
    const left = { frames: this.opened(frames, said).map(entryToFrame), calls: new Map<string, string>(), unended: new Set<string>() };
    for (const text of this.opened(taken, calls)) for (const note of JSON.parse(text) as CallNote[]) noteCall(left, note);
    return left;
  }

  private writerOf(session: SocketSession): JournalWriter {
    return {
      replicaId: this.redis.replicaId,
      keptMs: this.bounds.resumeMs + 2 * REFRESH_MS,
      maxCalls: this.bounds.rememberedCalls * 2,
      seal: (text, key) => this.cipher.seal(text, key),
      send: (command) => this.send(session, command),
    };
  }

  private async send(session: SocketSession, command: (client: RedisClient) => Promise<unknown>): Promise<boolean> {
    const isDone = (await this.redis.inBackground(command)) !== undefined;
    if (!isDone && this.journaled.has(session)) {
      this.unwritten.add(session);
      this.later.ask();
    }
    return isDone;
  }

  private forget(session: SocketSession): Journal | undefined {
    const journal = this.journaled.get(session);
    this.journaled.delete(session);
    this.unwritten.delete(session);
    return journal;
  }

  private addAll(): boolean {
    for (const session of this.journaled.keys()) this.unwritten.add(session);
    return this.unwritten.size > 0;
  }

  /** One after another; resolves to whether nothing is left to write. */
  private async writeAnew(): Promise<boolean> {
    for (const session of this.unwritten) if (!this.redis.isUsable || !(await this.writeOne(session))) return false;
    return true;
  }

  private async writeOne(session: SocketSession): Promise<boolean> {
    const record = await this.find(session.token);
    const isElsewhere = record === undefined ? undefined : await this.isElsewhere(record);
    const journal = this.journaled.get(session);
    // It may have ended meanwhile.
    if (!journal) return true;
    if (isElsewhere === undefined) return false;
    this.unwritten.delete(session);
    if (!isElsewhere) return journal.rewrite();
    this.forget(session);
    this.emit('taken', session);
    return true;
  }

  /** Whether another replica has it, and lives; undefined where Redis does not say. */
  private async isElsewhere(record: SessionRecord | null): Promise<boolean | undefined> {
    if (!record?.replica || record.replica === this.redis.replicaId) return false;
    return this.redis.lives(record.replica, { redisMs: 0 });
  }

  private refresh(): void {
    for (const journal of this.journaled.values()) journal.refresh();
  }

  private opened(entries: readonly { readonly message: Readonly<Record<string, string>> }[], key: string): string[] {
    return entries.map(({ message }) => this.cipher.open(message.e, key)).filter((text) => text !== undefined);
  }

  private keysOf(token: string): JournalKeys {
    const record = this.redisKeys.of('sockets', this.cipher.nameOf('socket', token));
    return { record, said: `${record}:said`, calls: `${record}:calls` };
  }
}

function noteCall({ calls, unended }: { calls: Map<string, string>; unended: Set<string> }, [id, digest]: CallNote): void {
  if (digest === undefined) {
    unended.delete(id);
  } else {
    calls.set(id, digest);
    unended.add(id);
  }
}
