/**
 * The floor of the MCP face: the least that an MCP gateway on Node can do. node:http in front, undici's dispatch behind. A message is
 * parsed, and goes on under an id of its own; its answer is parsed, and goes back under the client's. Clients before 2026-07-28 have
 * sessions here, which are none of the server's; of later ones the headers that repeat the body are compared with it.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { headers, pool } from './floor-upstream.ts';
import { listen } from './listen.ts';

interface Message {
  readonly jsonrpc: '2.0';
  id?: string | number;
  readonly method?: string;
  readonly params?: { readonly name?: string };
}

const sessions = new Set<string>();
let lastId = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => pass(JSON.parse(Buffer.concat(chunks).toString()) as Message, request, response));
});
listen(server);

function pass(message: Message, request: IncomingMessage, response: ServerResponse): void {
  const { id, method } = message;
  if (method !== 'initialize' && !isKnown(message, request.headers)) return void response.writeHead(404, { 'Content-Length': 0 }).end();
  if (id === undefined) return void response.writeHead(202, { 'Content-Length': 0 }).end();
  lastId += 1;
  message.id = lastId;
  const body = JSON.stringify(message);
  const session = method === 'initialize' ? open() : undefined;
  pool.dispatch({ path: '/mcp', method: 'POST', headers, body }, new Passage(response, id, session));
}

function isKnown({ method, params }: Message, told: IncomingHttpHeaders): boolean {
  if (told['mcp-protocol-version'] === '2026-07-28') return told['mcp-method'] === method && told['mcp-name'] === params?.name;
  return sessions.has(told['mcp-session-id'] as string);
}

function open(): string {
  const session = randomBytes(24).toString('base64url');
  sessions.add(session);
  return session;
}

/** Hands the upstream's answer to the client, under the client's id. */
class Passage implements Dispatcher.DispatchHandler {
  private readonly chunks: Buffer[] = [];
  private status = 0;
  private readonly response: ServerResponse;
  private readonly id: string | number;
  private readonly session: string | undefined;

  constructor(response: ServerResponse, id: string | number, session: string | undefined) {
    this.response = response;
    this.id = id;
    this.session = session;
  }

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    const message = JSON.parse(Buffer.concat(this.chunks).toString()) as Message;
    message.id = this.id;
    const body = JSON.stringify(message);
    this.response.writeHead(this.status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      ...(this.session !== undefined && { 'Mcp-Session-Id': this.session }),
    });
    this.response.end(body);
  }

  onResponseError(): void {
    this.response.writeHead(502, { 'Content-Length': 0 }).end();
  }
}
