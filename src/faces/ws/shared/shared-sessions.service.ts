import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { RedisClient } from '../../../redis/redis-connection.js';
import { RedisKeys } from '../../../redis/redis-keys.service.js';
import { Redis } from '../../../redis/redis.service.js';
import { StateCipher } from '../../../redis/state-cipher.service.js';
import { SOCKET_BOUNDS, type SocketBounds } from '../bounds.js';
import type { OutboundFrame } from '../frames/outbound-frame.js';
import type { SocketSession } from '../session/socket-session.js';
import { entryToFrame, Journal, type JournalKeys, type JournalWriter } from './journal.js';

/** How often it is said that sessions are still there; what is said of them is kept so much longer. */
const REFRESH_MS = 60_000;
/** Longest that taking a session over may take. */
const TAKING_MS = 10_000;

/** Who has a session. */
interface SessionRecord {
  readonly id: string;
  /** Undefined where its replica has let it go. */
  readonly replica: string | undefined;
  readonly principal: string;
}

/** What is left of a session whose replica is gone. */
export interface LeftBehind {
  readonly frames: readonly OutboundFrame[];
  /** Digests by id. */
  readonly calls: ReadonlyMap<string, string>;
  /** Of those the calls whose ends nobody knows. */
  readonly unended: ReadonlySet<string>;
}

/** What replicas know of one another's sessions, where there is a Redis and a key to encrypt it with. Nothing waits for it to be written. */
@Injectable()
export class SharedSessions implements OnModuleDestroy, JournalWriter {
  private readonly journaled = new Map<SocketSession, Journal>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly redisKeys: RedisKeys,
    private readonly cipher: StateCipher,
    @Inject(SOCKET_BOUNDS) private readonly bounds: SocketBounds,
  ) {}

  get isThere(): boolean {
    return this.redis.isConfigured && this.cipher.hasKey;
  }

  get keptMs(): number {
    return this.bounds.resumeMs + 2 * REFRESH_MS;
  }

  get maxCalls(): number {
    return this.bounds.rememberedCalls * 2;
  }

  /** Other replicas know of the session from now on; harmless when repeated. */
  begin(session: SocketSession): void {
    if (!this.isThere || session.journal) return;
    const journal = new Journal(this.keysOf(session.token), this);
    session.journal = journal;
    this.journaled.set(session, journal);
    this.note(session, journal, this.redis.replicaId);
    for (const frame of session.log.after(0)) journal.said(frame, session.log.size);
    this.timer ??= setInterval(() => this.refresh(), REFRESH_MS).unref();
  }

  /** Nobody can come back to it. */
  end(session: SocketSession): void {
    this.journaled.get(session)?.end();
    this.journaled.delete(session);
  }

  /** Another replica may have it. */
  release(session: SocketSession): void {
    const journal = this.journaled.get(session);
    if (journal) this.note(session, journal, undefined);
    this.journaled.delete(session);
  }

  /** Whoever comes back needs not wait until this replica is known to be gone. */
  onModuleDestroy(): void {
    clearInterval(this.timer);
    for (const session of [...this.journaled.keys()]) this.release(session);
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
    for (const text of this.opened(taken, calls)) noteCall(left, JSON.parse(text) as [string, string?]);
    return left;
  }

  send(command: (client: RedisClient) => Promise<unknown>): void {
    void this.redis.inBackground(command);
  }

  seal(text: string, key: string): string {
    return this.cipher.seal(text, key);
  }

  private note({ id, principalName: principal }: SocketSession, { keys: { record } }: Journal, replica: string | undefined): void {
    const known: SessionRecord = { id, replica, principal };
    const sealed = this.cipher.seal(JSON.stringify(known), record);
    this.send((client) => client.set(record, sealed, { PX: this.keptMs }));
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

/** A call that was taken comes with its digest, one that has ended without. */
function noteCall({ calls, unended }: { calls: Map<string, string>; unended: Set<string> }, [id, digest]: [string, string?]): void {
  if (digest === undefined) {
    unended.delete(id);
  } else {
    calls.set(id, digest);
    unended.add(id);
  }
}
