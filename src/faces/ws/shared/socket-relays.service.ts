import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { overloaded } from '../../../errors/gateway-errors.js';
import { ReplicaMessages } from '../../../redis/replica-messages.service.js';
import { Redis } from '../../../redis/redis.service.js';
import type { Connection } from '../connection.js';
import type { RelayedMessage } from './relayed-message.js';

/** Longest that the other replica may take to say something. */
const ANSWER_MS = 2_000;
const LOOK_MS = 5_000;
/** Going away (RFC 6455 7.4.1): its client comes back, and the session is taken over then. */
const GOING_AWAY = 1001;
const LOST = 'the replica that has the session is gone';

/** Sockets here whose sessions are at another replica: what is said on either side is passed on. */
@Injectable()
export class SocketRelays {
  private readonly pipes = new Map<string, Pipe>();

  constructor(
    private readonly messages: ReplicaMessages,
    private readonly redis: Redis,
  ) {
    messages.on('message', (text) => this.take(JSON.parse(text) as RelayedMessage));
  }

  /** Has a socket served by another replica from `first`, its client's own words, on. Rejects with a 503 where that does not answer. */
  async open(connection: Connection, replica: string, first: string): Promise<void> {
    const { request, context, session } = connection;
    const { headers, rawHeaders } = request;
    const id = randomUUID();
    const send = (message: RelayedMessage): Promise<boolean> => this.messages.send(replica, JSON.stringify(message));
    const answered = new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(false), ANSWER_MS).unref();
      this.pipes.set(id, { connection, isGreeted: false, greeted: () => resolve(true) });
    });
    connection.socket.once('close', () => this.closed(id, connection, send));
    const caller = { principal: session.caller.principal, address: context.clientAddress, headers, rawHeaders };
    const isSent =
      (await send({ kind: 'open', pipe: id, from: this.redis.replicaId, caller })) &&
      (await send({ kind: 'heard', pipe: id, text: first }));
    if (!isSent || !(await answered)) {
      this.closed(id, connection, send);
      throw overloaded('The replica that has this session does not answer.');
    }
    this.keep(connection, replica, send, id);
  }

  private keep(connection: Connection, replica: string, send: (message: RelayedMessage) => Promise<boolean>, pipe: string): void {
    connection.divert((text) => {
      void send({ kind: 'heard', pipe, text }).then((isSent) => isSent || connection.close(GOING_AWAY, LOST));
    });
    const looking = setInterval(() => {
      void this.redis.lives(replica, { redisMs: 0 }).then((lives) => lives === false && connection.close(GOING_AWAY, LOST));
    }, LOOK_MS).unref();
    connection.socket.once('close', () => clearInterval(looking));
  }

  private closed(id: string, connection: Connection, send: (message: RelayedMessage) => Promise<boolean>): void {
    if (this.pipes.delete(id)) void send({ kind: 'gone', pipe: id, code: connection.closeCode ?? 1006 });
  }

  private take(message: RelayedMessage): void {
    const pipe = this.pipes.get(message.pipe);
    if (!pipe) return;
    if (message.kind === 'close') pipe.connection.close(message.code, message.reason);
    if (message.kind !== 'say') return;
    // The socket was greeted here already.
    if (pipe.isGreeted) return pipe.connection.writeText(message.text);
    pipe.isGreeted = true;
    pipe.greeted();
  }
}

interface Pipe {
  readonly connection: Connection;
  readonly greeted: () => void;
  isGreeted: boolean;
}
