import { pauseAfter } from './backoff.js';
import { type IncomingFrame, type OutgoingFrame, readFrame } from './frames.js';
import { protocolsOf, type Socket, type SocketConstructor } from './socket.js';

/** `waiting`: between two attempts to connect. */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'closed';

/** Nothing has come for so long: the other end is asked whether it is there, */
const SILENCE_MS = 25_000;
/** and has so long to say so. */
const PONG_MS = 10_000;
/** A connection that has lasted so long was a good one. */
const STEADY_MS = 10_000;
const OPEN = 1;
/** The client goes, and wants nothing more of its session. */
const GOING = 1000;
const LOST = 4000;

/** What a connection tells. */
interface ConnectionEvents {
  onState(state: ConnectionState): void;
  /** The socket is open: what is sent first is sent now. */
  onOpen(): void;
  onFrame(frame: IncomingFrame): void;
}

/** A socket that is made anew, with growing pauses, until it is closed. */
export class Connection {
  private socket: Socket | undefined;
  private state: ConnectionState = 'connecting';
  private failures = 0;
  private openedAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly key: string | undefined,
    private readonly make: SocketConstructor,
    private readonly events: ConnectionEvents,
  ) {}

  get isOpen(): boolean {
    return this.socket?.readyState === OPEN;
  }

  connect(): void {
    this.enter('connecting');
    const socket = new this.make(this.url, protocolsOf(this.key));
    this.socket = socket;
    const isCurrent = (): boolean => this.socket === socket && this.state !== 'closed';
    socket.onopen = () => {
      if (!isCurrent()) return;
      this.openedAt = Date.now();
      this.watch();
      this.events.onOpen();
    };
    socket.onmessage = ({ data }) => {
      const frame = readFrame(data);
      if (!isCurrent() || !frame) return;
      this.watch();
      this.events.onFrame(frame);
    };
    // Its close comes after it.
    socket.onerror = () => undefined;
    socket.onclose = () => {
      if (isCurrent()) this.lost();
    };
  }

  /** The session is there. */
  established(): void {
    this.enter('open');
  }

  send(frame: OutgoingFrame): void {
    if (this.isOpen) this.socket?.send(JSON.stringify(frame));
  }

  close(): void {
    this.enter('closed');
    clearTimeout(this.timer);
    this.socket?.close(GOING);
  }

  private lost(): void {
    clearTimeout(this.timer);
    this.socket = undefined;
    this.failures = this.openedAt > 0 && Date.now() - this.openedAt >= STEADY_MS ? 0 : this.failures + 1;
    this.openedAt = 0;
    this.enter('waiting');
    this.timer = setTimeout(() => this.connect(), pauseAfter(this.failures));
  }

  /** A network that swallows everything never says so. */
  private watch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.send({ type: 'ping', correlation_id: `ping-${Date.now()}` });
      this.timer = setTimeout(() => this.giveUp(), PONG_MS);
    }, SILENCE_MS);
  }

  private giveUp(): void {
    const { socket } = this;
    this.lost();
    socket?.close(LOST);
  }

  private enter(state: ConnectionState): void {
    if (this.state === state && state !== 'connecting') return;
    if (this.state === 'closed') return;
    this.state = state;
    this.events.onState(state);
  }
}
