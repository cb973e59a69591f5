import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Bytes on their way, and where they go. */
interface Held {
  readonly to: Socket;
  readonly bytes: Buffer;
}

/**
 * A TCP proxy in front of a server on this machine, which can fall silent as a network does: connections stay open, new ones are taken,
 * and no byte passes.
 */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private readonly streams = new Set<Socket>();
  private held: Held[] = [];
  private isSilent = false;
  private readonly server: Server;
  private readonly port: number;

  private constructor(server: Server, port: number) {
    this.server = server;
    this.port = port;
  }

  static async start(target: string): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (client) => proxy.join(client, Number(new URL(target).port)));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
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

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
  }

  private join(client: Socket, port: number): void {
    const server = connect(port, '127.0.0.1');
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
