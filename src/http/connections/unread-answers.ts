import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { CorrelatedRequest } from '../correlation.middleware.js';
import { responseInFlight } from '../framework/response-in-flight.js';
import { queueKey, sendQueues } from './send-queues.js';
import { writeQueueBytes } from '../framework/write-queue.js';

/** How often connections are looked at. */
const LOOK_MS = 250;
/** How often the operating system is asked for its part, while somebody seems to stall. */
const LOOK_BELOW_MS = 1_000;
/** Answers from this size on are counted when they are written, and not only when connections are looked at. */
export const LARGE_ANSWER_BYTES = 64 * 1024;
/** What a request's log line says of an answer that was given up. */
const NOT_READ = 'answer_not_read';

interface Bounds {
  /** Longest that a reader may take nothing. */
  readonly writeTimeoutMs: number;
  /** Bytes that may wait, over all connections. */
  readonly maxUnreadBytes: number;
}

/** A connection on which something waits to be read. */
interface Reader {
  /** Changes whenever some of it is taken. */
  mark: string;
  /** When that was last so. */
  since: number;
  /** What the operating system still held of it. */
  below: number | undefined;
}

/**
 * The way out: what waits on the connections of a server until its readers take it, whatever it is. A reader that takes nothing for a while
 * is cut; while more waits than may, the one that has stalled longest is.
 */
export class UnreadAnswers {
  private readonly sockets = new Set<Socket>();
  private readonly readers = new Map<Socket, Reader>();
  /** At the last look, and what was written since. */
  private bytes = 0;
  private isLookingBelow = false;

  constructor(private readonly bounds: Bounds) {}

  /** Looks after the connections of a server, which may be one of HTTPS, from now on. */
  watch(server: Server): void {
    const isTls = 'setSecureContext' in server;
    server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.forget(socket));
    });
    const looking = setInterval(() => this.look(), LOOK_MS).unref();
    server.once('close', () => clearInterval(looking));
  }

  /** How many are open. */
  get connections(): number {
    return this.sockets.size;
  }

  /** Whether something waits to be read. */
  get areThere(): boolean {
    for (const socket of this.sockets) if (socket.writableLength > 0) return true;
    return false;
  }

  /** A large answer was written. */
  added(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.bounds.maxUnreadBytes) this.look();
  }

  private forget(socket: Socket): void {
    this.sockets.delete(socket);
    this.readers.delete(socket);
  }

  private look(): void {
    const now = performance.now();
    this.bytes = 0;
    for (const socket of this.sockets) {
      const bytes = socket.writableLength;
      this.bytes += bytes;
      if (bytes === 0) this.readers.delete(socket);
      else if (this.stalledMs(socket, now) >= this.bounds.writeTimeoutMs) this.cut(socket);
    }
    if (this.bytes > this.bounds.maxUnreadBytes) this.cutLongestStalled(now);
    if (!this.isLookingBelow && this.seemsToStall(now)) void this.lookBelow();
  }

  private stalledMs(socket: Socket, now: number): number {
    // What has been taken, whatever is written meanwhile.
    const mark = `${socket.bytesWritten - socket.writableLength} ${writeQueueBytes(socket)}`;
    const reader = this.readers.get(socket);
    if (reader?.mark === mark) return now - reader.since;
    this.readers.set(socket, { mark, since: now, below: undefined });
    return 0;
  }

  private seemsToStall(now: number): boolean {
    for (const { since } of this.readers.values()) if (now - since > this.bounds.writeTimeoutMs / 4) return true;
    return false;
  }

  /** A reader is slow, and does not stall, where less waits in the operating system than before. */
  private async lookBelow(): Promise<void> {
    this.isLookingBelow = true;
    const queues = await sendQueues();
    for (const [socket, reader] of this.readers) {
      const below = queues.get(queueKey(socket.localPort, socket.remotePort));
      if (below !== undefined && reader.below !== undefined && below !== reader.below) reader.since = performance.now();
      reader.below = below;
    }
    setTimeout(() => (this.isLookingBelow = false), LOOK_BELOW_MS).unref();
  }

  /** Those that were seen to stall, and no more of them than needed: a reader that has only just been given something may be quick. */
  private cutLongestStalled(now: number): void {
    const stalled = [...this.readers].filter(([, { since }]) => now > since).sort(([, one], [, other]) => one.since - other.since);
    for (const [socket] of stalled) {
      if (this.bytes <= this.bounds.maxUnreadBytes) return;
      this.cut(socket);
    }
  }

  private cut(socket: Socket): void {
    this.bytes -= socket.writableLength;
    const request = responseInFlight(socket)?.req as CorrelatedRequest | undefined;
    if (request) request.context.errorType = NOT_READ;
    this.forget(socket);
    socket.destroy();
  }
}
