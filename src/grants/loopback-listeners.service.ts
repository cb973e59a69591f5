import { createServer, type Server } from 'node:http';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Callback } from './callback.service.js';
import type { GrantedServer } from './granted-server.js';
import { Grants } from './grants.service.js';

const MAX_HEADER_BYTES = 16 * 1024;
const TIMEOUT_MS = 10_000;

/** Ports of this machine that browsers come back to, for servers whose settings name one (mcpo's `callback_port`), while they wait for that. */
@Injectable()
export class LoopbackListeners implements OnModuleInit, OnModuleDestroy {
  private readonly listeners = new Map<number, Server>();
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

  private listen({ name, oauth: { callbackPort: port } }: GrantedServer): void {
    if (port === undefined || this.listeners.has(port)) return;
    const options = { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS };
    const listener = createServer(options, (request, response) => {
      const url = URL.parse(request.url ?? '', 'http://localhost');
      response.setHeader('Content-Type', 'text/plain; charset=utf-8').setHeader('Referrer-Policy', 'no-referrer');
      if (url?.pathname !== '/callback' || request.method !== 'GET') return void response.writeHead(404).end('Not found.\n');
      void this.callback.take(url.searchParams, undefined).then((returned) => {
        if (returned.kind === 'failed') return void response.writeHead(400).end(`${returned.reason}\n`);
        response.end('Authorized. This page can be closed.\n');
        void this.close(port);
      });
    });
    listener.on('error', (error: NodeJS.ErrnoException) => {
      this.listeners.delete(port);
      this.logger.warn({
        msg: 'nothing can listen at callback_port: paste the address that the browser ends on into mcpo-proxy authorize',
        upstream: name,
        port,
        error: error.code,
      });
    });
    this.listeners.set(port, listener.listen(port, '127.0.0.1'));
  }

  private async close(port: number): Promise<void> {
    const listener = this.listeners.get(port);
    this.listeners.delete(port);
    listener?.closeIdleConnections();
    await new Promise((resolve) => (listener ? listener.close(resolve) : resolve(undefined)));
  }
}
