import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Bytes on their way, and where they go. */
interface Held {
  readonly to: Socket;
  readonly bytes: Buffer;
}

/**
 * A TCP proxy in front of a server on this machine, which can fall silent as a network does: connections stay open, new ones are taken,
 * and no byte passes; which can be cut; and behind which there can be another server.
 */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private readonly streams = new Set<Socket>();
  private held: Held[] = [];
  private isSilent = false;
  private isRefusing = false;
  private readonly server: Server;
  private readonly port: number;

  /** Where new connections go. */
  target: string;

  private constructor(server: Server, port: number, target: string) {
    this.server = server;
    this.port = port;
    this.target = target;
  }

  static async start(target: string): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port, target);
    server.on('connection', (client) => proxy.join(client));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Of a Redis behind it. */
  get redisUrl(): string {
    return this.url.replace('http', 'redis');
  }

  /** What came since it fell silent. */
  get heldText(): string {
    return Buffer.concat(this.held.map(({ bytes }) => bytes)).toString('latin1');
  }

  fallSilent(): void {
    this.isSilent = true;
  }

  /** Hands on what it held. */
  passAgain(): void {
    this.isSilent = false;
    for (const { to, bytes } of this.held.splice(0)) to.write(bytes);
  }

  /** As {@link passAgain}, for new connections: of the old ones nobody ever hears again. */
  passAnew(): void {
    this.isSilent = false;
    this.held = [];
    for (const socket of this.sockets) socket.removeAllListeners('data').removeAllListeners('close').resume();
  }

  /** Of the event streams that there are nobody ever hears again; all else passes. */
  swallowStreams(): void {
    for (const socket of this.streams) socket.removeAllListeners('data').removeAllListeners('close').resume();
    this.streams.clear();
  }

  /** Ends all connections, wherever they are in what they say. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
    this.sockets.clear();
  }

  /** Whether new connections are ended at once. */
  refuse(isRefusing: boolean): void {
    this.isRefusing = isRefusing;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.cut();
    await closed;
  }

  private join(client: Socket): void {
    if (this.isRefusing) return void client.resetAndDestroy();
    const server = connect(Number(new URL(this.target).port), '127.0.0.1');
    this.hand(client, server);
    this.hand(server, client);
  }

  private hand(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('error', () => undefined);
    from.on('data', (bytes: Buffer) => {
      if (/^content-type: text\/event-stream/im.test(bytes.toString('latin1'))) this.streams.add(from);
    });
    from.on('data', (bytes: Buffer) => (this.isSilent ? void this.held.push({ to, bytes }) : void to.write(bytes)));
    from.on('close', () => {
      if (!this.isSilent) to.destroy();
    });
  }
}
