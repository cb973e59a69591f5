import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { listenOn } from './network/free-port.ts';
import { type RawMessage, textResult, toolOf } from './raw-mcp-server.ts';

/** One message that was posted, and the ways to answer it. */
export interface Posted {
  readonly message: RawMessage;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  /** The receipt of the POST. */
  readonly receipt: ServerResponse;
  /** The stream on which the answer is expected; undefined if the session is unknown. */
  readonly stream: ServerResponse | undefined;
}

type Handler = (posted: Posted, server: RawSseServer) => unknown;

export interface RawSseOptions {
  readonly port?: number;
  /** By JSON-RPC method: what to send back on the stream; undefined sends nothing. */
  readonly on?: Readonly<Record<string, Handler>>;
  /** The data of the `endpoint` event; undefined sends none. */
  readonly endpoint?: (server: RawSseServer, session: string) => string | undefined;
  /** In place of the stream. */
  readonly get?: (response: ServerResponse) => unknown;
  /** In place of 202. */
  readonly receipt?: (posted: Posted) => unknown;
}

/** An MCP server of 2024-11-05 over HTTP+SSE on bare node:http: the stream at `/sse`, messages at `/messages`; POST elsewhere is 404. */
export class RawSseServer {
  readonly posted: Posted[] = [];
  readonly streams = new Map<string, ServerResponse>();
  readonly gets: IncomingHttpHeaders[] = [];
  readonly port: number;
  private readonly sockets = new Set<Socket>();
  private readonly http: Server;
  private readonly options: RawSseOptions;

  private constructor(http: Server, options: RawSseOptions) {
    this.http = http;
    this.options = options;
    this.port = (http.address() as AddressInfo).port;
  }

  static async start(options: RawSseOptions = {}): Promise<RawSseServer> {
    const http = createServer();
    await listenOn(http, options.port);
    const server = new RawSseServer(http, options);
    http.on('request', (request, response) => void server.handle(request, response).catch(() => undefined));
    http.on('connection', (socket) => {
      server.sockets.add(socket);
      socket.on('close', () => server.sockets.delete(socket)).on('error', () => undefined);
    });
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `${this.origin}/sse`;
  }

  received(method: string): Posted[] {
    return this.posted.filter(({ message }) => message.method === method);
  }

  /** The streams that clients have open. */
  get open(): ServerResponse[] {
    return [...this.streams.values()];
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.http.close(resolve));
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url as string, this.origin);
    if (request.method === 'GET' && pathname === '/sse') return this.stream(request, response);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method !== 'POST' || pathname !== '/messages') return void response.writeHead(404).end();
    const text = Buffer.concat(chunks).toString();
    const stream = this.streams.get(searchParams.get('session') ?? '');
    const posted: Posted = { message: JSON.parse(text) as RawMessage, text, headers: request.headers, receipt: response, stream };
    this.posted.push(posted);
    if (!stream) return void response.writeHead(404).end();
    if (posted.message.method === 'tools/call' && this.options.receipt) await this.options.receipt(posted);
    else response.writeHead(202).end('Accepted');
    this.answer(posted, stream);
  }

  private answer(posted: Posted, stream: ServerResponse): void {
    const { id, method = 'response', params } = posted.message;
    const own = this.options.on?.[method];
    if (own) return void send(stream, own(posted, this));
    const results: Record<string, unknown> = {
      initialize: { protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'raw-sse', version: '1' } },
      ping: {},
      'tools/list': { tools: [toolOf('work')] },
      'tools/call': textResult('done'),
    };
    if (id !== undefined && results[method]) send(stream, { jsonrpc: '2.0', id, result: results[method] });
  }

  private stream(request: IncomingMessage, response: ServerResponse): void {
    this.gets.push(request.headers);
    if (this.options.get) return void this.options.get(response);
    const session = randomUUID();
    this.streams.set(session, response);
    response.on('close', () => this.streams.delete(session));
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const endpoint = this.options.endpoint ? this.options.endpoint(this, session) : `/messages?session=${session}`;
    if (endpoint !== undefined) response.write(`event: endpoint\ndata: ${endpoint}\n\n`);
  }
}

function send(stream: ServerResponse, message: unknown): void {
  if (message !== undefined) stream.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
}

/** The response to a posted request. */
export function answerTo({ message }: Posted, result: unknown = textResult('done')): unknown {
  return { jsonrpc: '2.0', id: message.id, result };
}
