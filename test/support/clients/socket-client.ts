import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket, type ClientOptions } from 'ws';
import { until } from '../until.js';

/** A frame as it came. */
export interface Frame {
  readonly type: string;
  readonly correlation_id?: string;
  readonly seq: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** How a socket was closed. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A client of `/v1/ws` that does nothing by itself: says what it is told to, and notes what comes. */
export class SocketClient {
  readonly received: Frame[] = [];
  /** As they came. */
  readonly texts: string[] = [];
  private ended: Closed | undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (bytes: Buffer) => {
      this.texts.push(bytes.toString());
      this.received.push(JSON.parse(bytes.toString()) as Frame);
    });
    socket.on('close', (code, reason) => (this.ended = { code, reason: reason.toString() })).on('error', () => undefined);
  }

  /** Opens one, and waits for the first frame. */
  static async open(url: string, options: ClientOptions = {}, protocols: string[] = []): Promise<SocketClient> {
    const client = SocketClient.start(url, options, protocols);
    await once(client.socket, 'open');
    await client.next('connection_established');
    return client;
  }

  /** Opens one; rejects with the body of what is answered in its place. */
  static async openOrRefused(url: string, options: ClientOptions = {}): Promise<SocketClient> {
    const client = SocketClient.start(url, options);
    const refused = once(client.socket, 'unexpected-response').then(
      async ([, response]) => JSON.parse(await textOf(response as IncomingMessage)) as object,
    );
    const answer = await Promise.race([once(client.socket, 'open'), refused]);
    if (!Array.isArray(answer)) throw answer as Error;
    await client.next('connection_established');
    return client;
  }

  static start(url: string, options: ClientOptions = {}, protocols: string[] = []): SocketClient {
    return new SocketClient(new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, protocols, options));
  }

  say(type: string, data?: object, correlation_id?: string): void {
    this.sayText(JSON.stringify({ type, correlation_id, data }));
  }

  sayText(text: string | Buffer): void {
    this.socket.send(text);
  }

  call(correlation_id: string | undefined, name: string, args: object = {}, more: object = {}): void {
    this.say('tool_call', { name, arguments: args, ...more }, correlation_id);
  }

  /** The first frame of this type, and with this id if one is given, behind `after`, once it is there. */
  next(type: string, correlation_id?: string, after = 0): Promise<Frame> {
    const is = (frame: Frame) =>
      frame.type === type && (correlation_id === undefined || frame.correlation_id === correlation_id) && frame.seq > after;
    return until(`${type} ${correlation_id ?? ''}`, () => this.received.find(is));
  }

  /** The last frame of a call. */
  end(correlation_id: string): Promise<Frame> {
    const is = (frame: Frame) => /^tool_(result|error)$/.test(frame.type) && frame.correlation_id === correlation_id;
    return until(`the end of ${correlation_id}`, () => this.received.find(is));
  }

  get closed(): Promise<Closed> {
    return until('the socket has closed', () => this.ended);
  }

  get isClosed(): boolean {
    return this.ended !== undefined;
  }

  /** `resume_token` of its session. */
  get token(): string {
    return this.received.findLast(({ type }) => type === 'connection_established')?.data.resume_token as string;
  }

  get lastSeq(): number {
    return this.received.at(-1)?.seq ?? 0;
  }

  /** What it knows of its session, as `resume` has it. */
  get known(): { readonly resume_token: string; readonly last_seq: number } {
    return { resume_token: this.token, last_seq: this.lastSeq };
  }

  /** Goes without a word, as a network does. */
  drop(): void {
    this.socket.terminate();
  }

  close(code = 1000): Promise<unknown> {
    this.socket.close(code);
    return this.closed;
  }
}

/** What is answered in place of a socket. */
export async function refusedUpgrade(url: string, options: ClientOptions = {}, protocols: string[] = []) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, protocols, options);
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  return { status: response.statusCode, headers: response.headers, text: await textOf(response) };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
