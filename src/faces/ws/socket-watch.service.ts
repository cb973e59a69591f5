import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { AuthService } from '../../auth/auth.service.js';
import { ReplicaMessages } from '../../redis/replica-messages.service.js';
import { SOCKET_BOUNDS, type SocketBounds } from './bounds.js';
import type { Connection } from './connection.js';
import { Connections } from './connections.service.js';

/** How often sockets are looked at. */
const LOOK_MS = 1_000;
const POLICY_VIOLATION = 1008;

/** Looks after sockets that are open: whether anybody is there, whether the caller is still welcome, and that frames come whole in time. */
@Injectable()
export class SocketWatch implements OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  /** When each was last asked whether it is there. */
  private readonly askedAt = new WeakMap<Connection, number>();

  constructor(
    private readonly connections: Connections,
    private readonly auth: AuthService,
    private readonly messages: ReplicaMessages,
    @Inject(SOCKET_BOUNDS) private readonly bounds: SocketBounds,
  ) {}

  /** There is a socket: it is looked after, and what other replicas say of sockets is read. */
  begin(): void {
    this.messages.read();
    this.timer ??= setInterval(() => this.look(), Math.min(LOOK_MS, this.bounds.heartbeatMs / 4)).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = performance.now();
    const partial: Partial[] = [];
    for (const connection of this.connections.all) {
      const bytes = partialBytes(connection);
      if (bytes > 0) partial.push({ connection, bytes });
      if (now - (this.askedAt.get(connection) ?? connection.context.startedAt) >= this.bounds.heartbeatMs) this.ask(connection, now);
    }
    this.cutPartial(partial, now);
    if (this.connections.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** A socket that a network has swallowed is never told so. */
  private ask(connection: Connection, now: number): void {
    this.askedAt.set(connection, now);
    if (!connection.isAlive) return connection.socket.terminate();
    connection.isAlive = false;
    connection.socket.ping();
    void this.askWho(connection);
  }

  /** Tokens expire while a socket is open. While it cannot be told whether one is good it stays so. */
  private async askWho({ request, socket }: Connection): Promise<void> {
    try {
      await this.auth.authenticate(request);
    } catch (error) {
      if ((error as { status?: unknown }).status === 401) socket.close(POLICY_VIOLATION, 'the credentials are not valid any more');
    }
  }

  private cutPartial(partial: readonly Partial[], now: number): void {
    const { frameMs, partialBytesInAll } = this.bounds;
    let inAll = partial.reduce((sum, { bytes }) => sum + bytes, 0);
    const oldestFirst = [...partial].sort((one, other) => one.connection.wholeAt.time - other.connection.wholeAt.time);
    for (const { connection, bytes } of oldestFirst) {
      const isSlow = now - connection.wholeAt.time > frameMs;
      if (!isSlow && inAll <= partialBytesInAll) return;
      inAll -= bytes;
      connection.close(POLICY_VIOLATION, isSlow ? 'a frame took too long to come whole' : 'too many frames are coming at once');
    }
  }
}

interface Partial {
  readonly connection: Connection;
  readonly bytes: number;
}

function partialBytes({ request, wholeAt }: Connection): number {
  return request.socket.bytesRead - wholeAt.bytes;
}
