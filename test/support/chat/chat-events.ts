import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenOn } from '../network/free-port.ts';

/** A post as it came, and the way to answer it. */
export interface Posted {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** `performance.now()` of it. */
  readonly at: number;
  readonly response: ServerResponse;
}

/** Stands for Open WebUI's endpoint of message events: keeps what comes, and answers `true` unless it is told another way. */
export class ChatEvents {
  readonly posts: Posted[] = [];
  answers: (posted: Posted) => unknown = ({ response }) => response.writeHead(200, { 'content-type': 'application/json' }).end('true');
  private readonly server: http.Server;

  private constructor(server: http.Server) {
    this.server = server;
  }

  static async start(port?: number): Promise<ChatEvents> {
    const server = http.createServer();
    const events = new ChatEvents(server);
    server.on('request', (request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      request.on('end', () => {
        // It is asked for its health, too.
        if (request.method === 'GET') return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":true}');
        const line = `${request.method} ${request.url}`;
        const posted = { line, headers: request.headers, body: JSON.parse(text || 'null') as unknown, at: performance.now(), response };
        events.posts.push(posted);
        events.answers(posted);
      });
    });
    await listenOn(server, port);
    return events;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The statuses of all posts. */
  get statuses(): unknown[] {
    return this.posts.map(({ body }) => (body as { data: unknown }).data);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}
