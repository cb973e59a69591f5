import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { FrameMeter } from './frame-meter.ts';
import type { Random } from './random.ts';

/** How often connections are destroyed at least. */
interface Wanted {
  readonly cuts: number;
  readonly cutsInFrame: number;
}

/** When a connection is destroyed. */
interface Fate {
  /** What is looked at: what the client says, or what it is told. */
  readonly direction: 'up' | 'down';
  /** After so many frames. */
  readonly frames: number;
  /** In the middle of the next one, else between two. */
  readonly isInFrame: boolean;
  /** Each end is told by a reset, else that the other has ended. */
  readonly isReset: boolean;
}

/** Connections last for so many frames at the most. */
const MAX_FRAMES = 30;

/** A TCP proxy in front of gateways that destroys each connection after a while, until it has done so often enough. */
export class FaultProxy {
  cuts = 0;
  cutsInFrame = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private readonly targets: readonly string[];
  private readonly random: Random;
  private readonly wanted: Wanted;

  private constructor(server: Server, targets: readonly string[], random: Random, wanted: Wanted) {
    this.server = server;
    this.targets = targets;
    this.random = random;
    this.wanted = wanted;
  }

  /** Each connection goes to one of the targets. */
  static async start(targets: readonly string[], random: Random, wanted: Wanted): Promise<FaultProxy> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const proxy = new FaultProxy(server, targets, random, wanted);
    server.on('connection', (client) => proxy.join(client));
    return proxy;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1/ws`;
  }

  /** From now on everything passes. */
  get isDone(): boolean {
    return this.cuts >= this.wanted.cuts && this.cutsInFrame >= this.wanted.cutsInFrame;
  }

  async stop(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    const { port } = new URL(this.random.pick(this.targets));
    const server = connect(Number(port), '127.0.0.1');
    const fate: Fate = {
      direction: this.random.pick(['up', 'down']),
      frames: this.random.between(0, MAX_FRAMES),
      isInFrame: this.random.happens(0.5),
      isReset: this.random.happens(0.5),
    };
    this.hand(client, server, fate, 'up');
    this.hand(server, client, fate, 'down');
  }

  private hand(from: Socket, to: Socket, fate: Fate, direction: Fate['direction']): void {
    const meter = new FrameMeter();
    this.sockets.add(from);
    from.setNoDelay();
    from.on('error', () => undefined).on('close', () => (this.sockets.delete(from), to.destroy()));
    from.on('data', (bytes: Buffer) => {
      const passing = this.passing(bytes, meter, fate, direction);
      if (passing === undefined) return void to.write(bytes);
      // No more of either direction; what passes has left before the end.
      for (const socket of [from, to]) socket.removeAllListeners('data').pause();
      to.write(passing, () => this.destroy(from, to, fate));
    });
  }

  /** What still passes of these bytes before the connection is destroyed; undefined where it is not yet time for it. */
  private passing(bytes: Buffer, meter: FrameMeter, fate: Fate, direction: Fate['direction']): Buffer | undefined {
    const before = meter.frames;
    const count = fate.isInFrame ? meter.insideAt(bytes, this.random.between(1, bytes.length)) : bytes.length;
    meter.take(bytes);
    if (this.isDone || direction !== fate.direction || before < fate.frames || count === undefined) return undefined;
    if (!fate.isInFrame && meter.isInside) return undefined;
    this.cuts += 1;
    if (fate.isInFrame) this.cutsInFrame += 1;
    return bytes.subarray(0, count);
  }

  private destroy(from: Socket, to: Socket, { isReset }: Fate): void {
    for (const socket of [from, to])
      if (isReset) socket.resetAndDestroy();
      else socket.destroy();
  }
}
