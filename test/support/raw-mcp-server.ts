import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { listenOn } from './network/free-port.ts';

/** A JSON-RPC message as it came. */
export interface RawMessage {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Record<string, unknown>;
    readonly cursor?: string;
    readonly protocolVersion?: string;
    readonly requestId?: string;
    readonly _meta?: Record<string, unknown>;
  };
  readonly error?: { readonly code: number };
}

/** One HTTP request that reached the server, and the ways to answer it. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly message: RawMessage;
  /** The message as it came. */
  readonly text: string;

  constructor(request: IncomingMessage, response: ServerResponse, text: string) {
    this.request = request;
    this.response = response;
    this.message = JSON.parse(text || '{}') as RawMessage;
    this.text = text;
  }

  get headers(): IncomingHttpHeaders {
    return this.request.headers;
  }

  get sessionId(): string | undefined {
    return this.headers['mcp-session-id'] as string | undefined;
  }

  /** The JSON-RPC response to this request. */
  answer(result: unknown = textResult('done')): unknown {
    return { jsonrpc: '2.0', id: this.message.id, result };
  }

  result(result?: unknown, headers: Record<string, string> = {}): void {
    this.json(200, this.answer(result), headers);
  }

  error(code: number, message: string, data?: unknown): void {
    this.json(200, { jsonrpc: '2.0', id: this.message.id, error: { code, message, data } });
  }

  json(status: number, body: unknown, headers: Record<string, string> = {}): void {
    this.send(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
  }

  send(status: number, body = '', headers: Record<string, string> = {}): void {
    this.response.writeHead(status, headers).end(body);
  }

  /** Opens an event stream with these messages; it stays open. */
  stream(...messages: readonly unknown[]): void {
    this.response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    for (const message of messages) this.event(message);
  }

  event(message: unknown): void {
    this.response.write(`data: ${JSON.stringify(message)}\n\n`);
  }

  /** A progress notification for this call. */
  progress(progress: number): unknown {
    const progressToken = this.message.params?._meta?.progressToken;
    return { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress } };
  }
}

type Handler = (exchange: Exchange) => unknown;

export interface RawServerOptions {
  /** Unless told one that nobody else gets while it is away. */
  readonly port?: number;
  /** `/mcp` unless told. */
  readonly path?: string;
  /** Whether it hands out session ids; true unless told. */
  readonly sessions?: boolean;
  /** What a session id that it does not know is answered; 404 unless told. */
  readonly unknownSession?: number | Handler;
  readonly tools?: readonly unknown[];
  /** Makes it a server over HTTPS; both in PEM. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** By JSON-RPC method, or by `GET` and `DELETE`: in place of what it does by itself. */
  readonly on?: Readonly<Record<string, Handler>>;
  /** Judges each request to its path first; one that it does not let pass it has answered. */
  readonly guard?: (exchange: Exchange) => boolean | Promise<boolean>;
}

/**
 * An MCP server of the older generation over streamable HTTP on bare node:http, in the test's own process: it counts what reaches
 * it, and a test makes it answer anything. By itself it has sessions, a GET stream and a tool `work`.
 */
export class RawMcpServer {
  readonly exchanges: Exchange[] = [];
  readonly sessions = new Set<string>();
  readonly openStreams = new Set<ServerResponse>();
  readonly on: Record<string, Handler>;
  tools: readonly unknown[];
  /** Answers requests for other paths. */
  elsewhere: Handler = (exchange) => exchange.send(404);
  peakSockets = 0;
  readonly port: number;
  private readonly sockets = new Set<Socket>();
  private readonly http: Server;
  private readonly options: RawServerOptions;

  private constructor(http: Server, options: RawServerOptions, port: number) {
    this.http = http;
    this.options = options;
    this.port = port;
    this.tools = options.tools ?? [toolOf('work')];
    this.on = { ...this.usual(), ...options.on };
  }

  static async start(options: RawServerOptions = {}): Promise<RawMcpServer> {
    const http = options.tls ? createTlsServer({ keepAliveTimeout: 60_000, ...options.tls }) : createServer({ keepAliveTimeout: 60_000 });
    const server = new RawMcpServer(http, options, await listenOn(http, options.port));
    http.on('request', (request, response) => void server.handle(request, response));
    http.on('connection', (socket) => server.count(socket));
    return server;
  }

  get url(): string {
    return `${this.options.tls ? 'https' : 'http'}://127.0.0.1:${this.port}${this.path}`;
  }

  private get path(): string {
    return this.options.path ?? '/mcp';
  }

  get openSockets(): number {
    return this.sockets.size;
  }

  /** What it got so far of this JSON-RPC method, or of `GET`, `DELETE`. */
  received(name: string): Exchange[] {
    return this.exchanges.filter((exchange) => nameOf(exchange) === name);
  }

  /** Sends a notification on every open GET stream. */
  notify(method: string): void {
    for (const stream of this.openStreams) stream.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method })}\n\n`);
  }

  /** Cuts all connections, as kill -9 does, and frees the port. Harmless when repeated. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.http.close(resolve));
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
  }

  private count(socket: Socket): void {
    this.sockets.add(socket);
    this.peakSockets = Math.max(this.peakSockets, this.sockets.size);
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => undefined);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const exchange = new Exchange(request, response, Buffer.concat(chunks).toString());
    this.exchanges.push(exchange);
    if (request.url !== this.path) return void (await this.elsewhere(exchange));
    if (this.options.guard && !(await this.options.guard(exchange))) return;
    const { sessionId } = exchange;
    if (sessionId !== undefined && !this.sessions.has(sessionId)) return this.refuseSession(exchange);
    const handler = this.on[nameOf(exchange)] ?? noSuchMethod;
    await handler(exchange);
  }

  private refuseSession(exchange: Exchange): void {
    const { unknownSession = 404 } = this.options;
    if (typeof unknownSession === 'number') exchange.send(unknownSession);
    else unknownSession(exchange);
  }

  private usual(): Record<string, Handler> {
    return {
      initialize: (exchange) => exchange.result(this.introduction(exchange), this.newSession()),
      'tools/list': (exchange) => exchange.result({ tools: this.tools }),
      'tools/call': (exchange) => exchange.result(),
      GET: (exchange) => this.openStream(exchange),
      DELETE: (exchange) => {
        this.sessions.delete(exchange.sessionId ?? '');
        exchange.send(200);
      },
    };
  }

  introduction({ message }: Exchange): unknown {
    const protocolVersion = message.params?.protocolVersion;
    return { protocolVersion, capabilities: { tools: { listChanged: true } }, serverInfo: { name: 'raw', version: '1' } };
  }

  newSession(): Record<string, string> {
    if (this.options.sessions === false) return {};
    const id = randomUUID();
    this.sessions.add(id);
    return { 'mcp-session-id': id };
  }

  private openStream({ response }: Exchange): void {
    this.openStreams.add(response);
    response.on('close', () => this.openStreams.delete(response));
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  }
}

function nameOf({ request, message }: Exchange): string {
  return request.method === 'POST' ? (message.method ?? 'response') : (request.method as string);
}

/** Notifications and responses are taken as they are. */
function noSuchMethod(exchange: Exchange): void {
  if (exchange.message.method === undefined || exchange.message.id === undefined) return exchange.send(202);
  exchange.error(-32_601, 'Method not found');
}

/** A tool that takes anything. */
export function toolOf(name: string): unknown {
  return { name, inputSchema: { type: 'object' } };
}

export function textResult(text: string): unknown {
  return { content: [{ type: 'text', text }] };
}

/** Answers a call with `{"small": true}` by a small text, and any other as told. */
export function smallOr(answer: Handler): Handler {
  return (exchange) => (exchange.message.params?.arguments?.['small'] === true ? exchange.result(textResult('small')) : answer(exchange));
}

/** Answers a list of tools with this text of an array, to the byte. */
export function listAsWritten(toolsText: string): Handler {
  const headers = { 'content-type': 'application/json' };
  return (exchange) =>
    exchange.send(200, `{"jsonrpc":"2.0","id":${JSON.stringify(exchange.message.id)},"result":{"tools":${toolsText}}}`, headers);
}
