import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { Turns } from '../../event-loop/turns.js';

/** Requests that wait on one connection. */
export const MAX_WAITING = 64;

/**
 * Serves the requests of each connection one after another: one that comes before the answer to that before it (RFC 9112 9.3.2, pipelining)
 * waits for it, and then for a turn of the event loop that is no other's of them, so that a flood of them holds up nobody else. A connection on
 * which more wait than may is closed.
 */
export function oneAfterAnother(serve: RequestListener): RequestListener {
  const turns = new Turns();
  const waiting = new WeakMap<Socket, number>();
  const wait = (socket: Socket, more: number): void => void waiting.set(socket, (waiting.get(socket) ?? 0) + more);
  return (request, response) => {
    // It has the connection already.
    if (response.socket) return serve(request, response);
    const { socket } = request;
    if ((waiting.get(socket) ?? 0) >= MAX_WAITING) return void socket.destroy();
    wait(socket, 1);
    response.once('socket', () => {
      wait(socket, -1);
      void turns.next().then(() => {
        if (!socket.destroyed) serve(request, response);
      });
    });
  };
}
