import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';

/** One request that came to the proxy: `CONNECT host:port`, or the method and the whole URL. */
export interface Forwarded {
  readonly line: string;
  readonly authorization: string | undefined;
}

/**
 * A forward proxy on bare node:http that knows one place: whatever host is asked for, it connects to `port` of this machine. It has
 * names that nobody else can look up.
 */
export class ForwardProxy {
  readonly forwarded: Forwarded[] = [];
  readonly url: string;
  private readonly server: http.Server;
  private readonly sockets = new Set<Socket>();

  private constructor(server: http.Server) {
    this.server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** `refuse`: the status for everybody. */
  static async start(port: number, refuse?: number): Promise<ForwardProxy> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new ForwardProxy(server);
    server.on('connection', (socket) => proxy.keep(socket));
    server.on('request', (request, response) => {
      proxy.note(`${request.method} ${request.url}`, request.headers['proxy-authorization']);
      if (refuse) return void response.writeHead(refuse).end();
      const { pathname, search } = new URL(request.url as string);
      const onward = http.request(
        { host: '127.0.0.1', port, path: pathname + search, method: request.method, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode as number, answer.headers);
          answer.pipe(response);
        },
      );
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    });
    server.on('connect', (request, socket) => {
      proxy.note(`CONNECT ${request.url}`, request.headers['proxy-authorization']);
      if (refuse) return void socket.end(`HTTP/1.1 ${refuse} No\r\n\r\n`);
      const onward = net.connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket);
        socket.pipe(onward);
      });
      proxy.keep(onward);
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    return proxy;
  }

  get lines(): string[] {
    return this.forwarded.map(({ line }) => line);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private note(line: string, authorization: string | undefined): void {
    this.forwarded.push({ line, authorization });
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => undefined);
  }
}
