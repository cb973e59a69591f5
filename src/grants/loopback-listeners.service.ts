import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Callback } from './callback.service.js';
import type { GrantedServer } from './granted-server.js';
import { Grants } from './grants.service.js';

const MAX_HEADER_BYTES = 16 * 1024;
const TIMEOUT_MS = 10_000;

/** A port, and the servers that wait for somebody to come back to it. */
interface Listener {
  readonly server: Server;
  readonly waiting: Set<string>;
}

/** Ports of this machine that browsers come back to, for servers whose settings name one (mcpo's `callback_port`), while they wait for that. */
@Injectable()
export class LoopbackListeners implements OnModuleInit, OnModuleDestroy {
  private readonly listeners = new Map<number, Listener>();
  private readonly logger = new Logger('grants');

  constructor(
    private readonly grants: Grants,
    private readonly callback: Callback,
  ) {}

  onModuleInit(): void {
    this.grants.on('asked', (server) => this.listen(server));
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.listeners.keys()].map((port) => this.close(port)));
  }

  private listen({ name, oauth: { redirectUrl, usesLoopback } }: GrantedServer): void {
    const port = redirectUrl === undefined || !usesLoopback ? undefined : portOf(new URL(redirectUrl));
    if (port === undefined) return;
    const known = this.listeners.get(port);
    if (known) return void known.waiting.add(name);
    const options = { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS };
    const server = createServer(options, (request, response) => void this.answer(request, response, port));
    server.on('error', (error: NodeJS.ErrnoException) => {
      this.listeners.delete(port);
      this.logger.warn({
        msg: 'nothing can listen where the browser comes back to: paste the address that it ends on into mcpo-proxy authorize',
        upstream: name,
        port,
        error: error.code,
      });
    });
    this.listeners.set(port, { server: server.listen(port, '127.0.0.1'), waiting: new Set([name]) });
  }

  /** At any path: which one a client was registered with is the authorization server's to judge. */
  private async answer({ method, url }: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
    const query = URL.parse(url ?? '', 'http://localhost')?.searchParams;
    response.setHeader('Content-Type', 'text/plain; charset=utf-8').setHeader('Referrer-Policy', 'no-referrer');
    if (!query?.has('state') || method !== 'GET') return void response.writeHead(404).end('Not found.\n');
    const returned = await this.callback.take(query, undefined);
    if (returned.kind === 'failed') return void response.writeHead(400).end(`${returned.reason}\n`);
    response.end('Authorized. This page can be closed.\n');
    const waiting = this.listeners.get(port)?.waiting;
    waiting?.delete(returned.server);
    if (waiting?.size === 0) await this.close(port);
  }

  private async close(port: number): Promise<void> {
    const listener = this.listeners.get(port)?.server;
    this.listeners.delete(port);
    listener?.closeIdleConnections();
    await new Promise((resolve) => (listener ? listener.close(resolve) : resolve(undefined)));
  }
}

/** Undefined where no browser comes back to this machine. */
function portOf({ protocol, hostname, port }: URL): number | undefined {
  const isHere = protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1');
  return isHere ? Number(port || 80) : undefined;
}
