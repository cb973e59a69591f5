import type { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';
import { newContext } from '../../../correlation/request-context.js';
import { ReplicaMessages } from '../../../redis/replica-messages.service.js';
import { Redis } from '../../../redis/redis.service.js';
import type { RelayedMessage } from './relayed-message.js';
import { RelayedSocket } from './relayed-socket.js';

/** Stands in for the connection below, which is the other replica's. */
const NO_CONNECTION = { bytesRead: 0, cork() {}, uncork() {} };

/** Sockets at other replicas whose sessions are here: each is served like one that is here. */
@Injectable()
export class RelayedSockets {
  private readonly sockets = new Map<string, RelayedSocket>();
  private server: EventEmitter | undefined;

  constructor(
    private readonly messages: ReplicaMessages,
    private readonly redis: Redis,
  ) {
    messages.on('message', (text) => this.take(JSON.parse(text) as RelayedMessage));
  }

  /** Where sockets are told of. */
  serveOn(server: EventEmitter): void {
    this.server = server;
  }

  private take(message: RelayedMessage): void {
    if (message.kind === 'open') return this.open(message);
    const socket = this.sockets.get(message.pipe);
    if (message.kind === 'heard') socket?.emit('message', Buffer.from(message.text), false);
    if (message.kind === 'gone') socket?.ended(message.code);
  }

  private open({ pipe, from, caller }: RelayedMessage & { kind: 'open' }): void {
    const write = (message: RelayedMessage): Promise<boolean> => this.messages.send(from, JSON.stringify(message));
    const socket = new RelayedSocket({
      say: (text) => write({ kind: 'say', pipe, text }),
      close: (code, reason) => void write({ kind: 'close', pipe, code, reason }),
      lives: () => this.redis.lives(from, { redisMs: 0 }),
    });
    this.sockets.set(pipe, socket);
    socket.once('close', () => this.sockets.delete(pipe));
    const { principal, address, headers, rawHeaders } = caller;
    const context = newContext(undefined, address);
    context.principal = principal;
    this.server?.emit('connection', socket, { context, headers, rawHeaders, socket: NO_CONNECTION });
  }
}
