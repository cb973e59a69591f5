import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { readEvents } from './event-text.js';
import { ID } from '../exchange.js';

/** An event as it came; `text` is its data as written. */
export interface Event {
  readonly name: string;
  readonly text: string;
  readonly data: unknown;
}

/** A call that asks for events, on a connection of its own; what comes is kept as it comes. */
export class EventCall {
  status: number | undefined;
  headers: IncomingHttpHeaders = {};
  /** All of the body so far. */
  body = '';
  /** When all of it is there, or the connection gone. */
  readonly ended: Promise<this>;
  private readonly sent: http.ClientRequest;
  private response: IncomingMessage | undefined;

  constructor(url: string, path: string, args: object | string = {}, headers: Readonly<Record<string, string>> = {}) {
    const { hostname, port } = new URL(url);
    const all = { accept: 'text/event-stream', 'content-type': 'application/json', 'x-correlation-id': ID, ...headers };
    this.sent = http.request({ hostname, port, path, method: 'POST', agent: false, headers: all });
    this.ended = new Promise((resolve) => {
      this.sent
        .on('error', () => resolve(this))
        .on('response', (response) => {
          this.take(response);
          response.on('close', () => resolve(this));
        });
    });
    this.sent.end(typeof args === 'string' ? args : JSON.stringify(args));
  }

  get events(): Event[] {
    return readEvents(this.body).events.map(({ name, data }) => ({ name, text: data, data: JSON.parse(data) as unknown }));
  }

  /** What each event holds, by its name. */
  get told(): unknown[] {
    return this.events.map(({ name, data }) => ({ [name]: data }));
  }

  get comments(): number {
    return readEvents(this.body).comments.length;
  }

  /** Takes nothing more of it until `resume`. */
  pause(): void {
    this.response?.pause();
  }

  resume(): void {
    this.response?.resume();
  }

  leave(): void {
    this.sent.destroy();
  }

  private take(response: IncomingMessage): void {
    this.response = response;
    this.status = response.statusCode;
    this.headers = response.headers;
    response.setEncoding('utf8').on('data', (text: string) => (this.body += text));
    response.on('error', () => undefined);
  }
}
