import { SseReader } from '@app/mcp-transport';

const VERSION = '2026-07-28';
/** What each request since 2026-07-28 says of its client. */
export const MODERN_META = {
  'io.modelcontextprotocol/protocolVersion': VERSION,
  'io.modelcontextprotocol/clientInfo': { name: 'wire', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The last message. */
  readonly message: WireMessage;
  /** All messages, of an event stream or of a body. */
  readonly messages: readonly WireMessage[];
}

export interface WireMessage {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

type Headers_ = Readonly<Record<string, string>>;

/** Posts one message as it is. */
export async function post(url: string, body: string | object, headers: Headers_ = {}): Promise<WireAnswer> {
  const sent = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers };
  const response = await fetch(url, { method: 'POST', headers: sent, body: typeof body === 'string' ? body : JSON.stringify(body) });
  return toAnswer(response, await response.text());
}

/** A request of 2026-07-28, with its headers. */
export function modern(url: string, method: string, params: Record<string, unknown> = {}, more: ModernOptions = {}): Promise<WireAnswer> {
  const name = params['name'] ?? (method === 'resources/read' ? params['uri'] : undefined);
  const { meta, headers, id = 1 } = more;
  const own: Record<string, string> = { 'mcp-protocol-version': VERSION, 'mcp-method': method };
  if (typeof name === 'string') own['mcp-name'] = name;
  const body = { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...MODERN_META, ...meta } } };
  return post(url, body, without({ ...own, ...headers }));
}

interface ModernOptions {
  readonly meta?: Record<string, unknown>;
  /** An empty one is left out. */
  readonly headers?: Headers_;
  readonly id?: unknown;
}

function without(headers: Headers_): Headers_ {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
}

/** A session of an older generation. */
export class WireSession {
  private lastId = 0;

  private constructor(
    readonly url: string,
    readonly id: string,
    readonly headers: Headers_,
  ) {}

  static async open(url: string, headers: Headers_ = {}, capabilities: object = {}): Promise<WireSession> {
    const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'wire', version: '1' } };
    const answer = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, headers);
    const id = answer.headers.get('mcp-session-id');
    if (id === null) throw Object.assign(new Error(answer.text), { answer });
    return new WireSession(url, id, headers);
  }

  get own(): Headers_ {
    return { ...this.headers, 'mcp-session-id': this.id, 'mcp-protocol-version': '2025-11-25' };
  }

  ask(method: string, params: Record<string, unknown> = {}, headers: Headers_ = {}): Promise<WireAnswer> {
    this.lastId += 1;
    return post(this.url, { jsonrpc: '2.0', id: this.lastId, method, params }, { ...this.own, ...headers });
  }

  say(message: object): Promise<WireAnswer> {
    return post(this.url, { jsonrpc: '2.0', ...message }, this.own);
  }

  end(headers: Headers_ = {}): Promise<Response> {
    return fetch(this.url, { method: 'DELETE', headers: { ...this.own, ...headers } });
  }

  listen(headers: Headers_ = {}): Promise<WireStream> {
    return WireStream.open(this.url, { method: 'GET', headers: { ...this.own, ...headers } });
  }
}

/** An event stream that is read as it comes. */
export class WireStream {
  readonly messages: WireMessage[] = [];
  readonly ids: string[] = [];
  isOver = false;

  private constructor(
    readonly status: number,
    readonly text: Promise<string> | undefined,
    private readonly leaving: AbortController,
  ) {}

  static async open(url: string, options: RequestInit): Promise<WireStream> {
    const leaving = new AbortController();
    const headers = { accept: 'text/event-stream', ...(options.headers as object) };
    const response = await fetch(url, { ...options, headers, signal: leaving.signal });
    const isStream = response.headers.get('content-type') === 'text/event-stream';
    const stream = new WireStream(response.status, isStream ? undefined : response.text(), leaving);
    if (isStream) void stream.read(response);
    return stream;
  }

  /** A POST whose answer is read as it comes. */
  static post(url: string, body: object, headers: Headers_ = {}): Promise<WireStream> {
    const sent = { 'content-type': 'application/json', ...headers, accept: 'application/json, text/event-stream' };
    return WireStream.open(url, { method: 'POST', headers: sent, body: JSON.stringify(body) });
  }

  leave(): void {
    this.leaving.abort();
  }

  private async read(response: Response): Promise<void> {
    const reader = new SseReader((data) => {
      if (data !== '') this.messages.push(JSON.parse(data) as WireMessage);
    });
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        reader.feed(chunk);
        if (reader.lastEventId !== undefined) this.ids.push(reader.lastEventId);
      }
    } catch {
      // It was left.
    }
    this.isOver = true;
  }
}

function toAnswer(response: Response, text: string): WireAnswer {
  const { status, headers } = response;
  const messages: WireMessage[] = [];
  if (headers.get('content-type') === 'text/event-stream') {
    new SseReader((data) => data !== '' && messages.push(JSON.parse(data) as WireMessage)).feed(Buffer.from(text));
  } else if (text !== '') messages.push(JSON.parse(text) as WireMessage);
  return { status, headers, text, messages, message: messages.at(-1) ?? {} };
}
