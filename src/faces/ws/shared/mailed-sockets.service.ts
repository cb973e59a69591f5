import type { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';
import { newContext } from '../../../correlation/request-context.js';
import { ReplicaMail } from '../../../redis/replica-mail.service.js';
import { Redis } from '../../../redis/redis.service.js';
import type { SocketMail } from './mail.js';
import { MailedSocket } from './mailed-socket.js';

/** Stands in for the connection below, which is the other replica's. */
const NO_CONNECTION = { bytesRead: 0, cork() {}, uncork() {} };

/** Sockets at other replicas whose sessions are here: each is served like one that is here. */
@Injectable()
export class MailedSockets {
  private readonly sockets = new Map<string, MailedSocket>();
  private server: EventEmitter | undefined;

  constructor(
    private readonly mail: ReplicaMail,
    private readonly redis: Redis,
  ) {
    mail.on('mail', (text) => this.take(JSON.parse(text) as SocketMail));
  }

  /** Where sockets are told of. */
  serveOn(server: EventEmitter): void {
    this.server = server;
  }

  private take(mail: SocketMail): void {
    if (mail.kind === 'open') return this.open(mail);
    const socket = this.sockets.get(mail.pipe);
    if (mail.kind === 'heard') socket?.emit('message', Buffer.from(mail.text), false);
    if (mail.kind === 'gone') socket?.ended(mail.code);
  }

  private open({ pipe, from, caller }: SocketMail & { kind: 'open' }): void {
    const write = (mail: SocketMail): Promise<boolean> => this.mail.send(from, JSON.stringify(mail));
    const socket = new MailedSocket({
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
