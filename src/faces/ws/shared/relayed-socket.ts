import { EventEmitter } from 'node:events';

/** Closed without a word (RFC 6455 7.4.1). */
const ABNORMAL = 1006;

/** How what is said on a socket at another replica gets there. */
interface RelayedSocketWay {
  say(text: string): Promise<boolean>;
  close(code: number, reason: string): void;
  /** Whether the replica that the socket is at lives; undefined where nobody says. */
  lives(): Promise<boolean | undefined>;
}

/** A socket that is at another replica: as much of a WebSocket as a connection asks for. */
export class RelayedSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  readonly isPaused = false;

  constructor(private readonly way: RelayedSocketWay) {
    super();
  }

  send(bytes: Buffer): void {
    void this.way.say(bytes.toString()).then((isSent) => isSent || this.ended(ABNORMAL));
  }

  close(code: number, reason: string): void {
    if (this.readyState !== this.OPEN) return;
    this.way.close(code, reason);
    this.ended(code);
  }

  terminate(): void {
    this.close(ABNORMAL, '');
  }

  /** The other replica looks after its client itself. */
  ping(): void {
    void this.way.lives().then((lives) => lives !== false && this.emit('pong', Buffer.alloc(0)));
  }

  pause(): void {
    // What another replica relays is bounded there.
  }

  resume(): void {
    // See above.
  }

  /** It has closed there. */
  ended(code: number): void {
    if (this.readyState !== this.OPEN) return;
    this.readyState = 3;
    this.emit('close', code, Buffer.alloc(0));
  }
}
