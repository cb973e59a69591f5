import http, { type IncomingHttpHeaders } from 'node:http';

/** One HTTP exchange, to the byte: nothing is followed, decompressed, normalized or added. */
export interface Exchange {
  readonly status: number;
  /**
   * Without those that say how the bytes travelled (`date`, `connection`, `keep-alive`, `content-length`, `transfer-encoding`), and
   * without those of {@link Exchange.limits}.
   */
  readonly headers: IncomingHttpHeaders;
  /** Headers that tell of limits on calls. */
  readonly limits: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Ends it, whatever has come. */
  readonly signal?: AbortSignal;
}

/** The correlation id that {@link request} sends unless it is told another. */
export const ID = 'test-id';

/** Sends one request on a connection of its own; `path` goes out as it is written. */
export function request(url: string, path: string, options: RequestOptions = {}): Promise<Exchange> {
  const { method = 'GET', headers = {}, body, signal } = options;
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = http.request({ hostname, port, path, method, agent: false, signal, headers: { 'x-correlation-id': ID, ...headers } });
    sent.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: response.statusCode as number, ...splitHeaders(response.headers), bytes, text: bytes.toString() });
      });
    });
    sent.end(body);
  });
}

export function get(url: string, path: string, headers?: RequestOptions['headers']): Promise<Exchange> {
  return request(url, path, { headers });
}

/** A POST of JSON: a text goes out as it is, anything else is serialized. */
export function post(url: string, path: string, body: unknown, headers: RequestOptions['headers'] = {}): Promise<Exchange> {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return request(url, path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: text });
}

/** What an error looks like on the wire, with the id of {@link request}: status, all headers, the compact body. */
export function errorAnswer(status: number, error: Readonly<Record<string, unknown>>, headers: IncomingHttpHeaders = {}) {
  const { type, message, details, retry_after } = error;
  return {
    status,
    headers: { 'x-correlation-id': ID, 'content-type': 'application/json; charset=utf-8', ...headers },
    text: JSON.stringify({ error: { type, message, details, correlation_id: ID, retry_after } }),
  };
}

/** The parts of an exchange that {@link errorAnswer} and {@link jsonAnswer} give. */
export function told({ status, headers, text }: Exchange) {
  return { status, headers, text };
}

/** What a result looks like on the wire, with the id of {@link request}. */
export function jsonAnswer(text: string, contentType = 'application/json') {
  return { status: 200, headers: { 'x-correlation-id': ID, 'content-type': contentType }, text };
}

const TRAVEL = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']);

const LIMITS = /^(?:x-)?ratelimit/;

function splitHeaders(all: IncomingHttpHeaders): Pick<Exchange, 'headers' | 'limits'> {
  const those = (isKept: (name: string) => boolean) => Object.fromEntries(Object.entries(all).filter(([name]) => isKept(name)));
  return { headers: those((name) => !TRAVEL.has(name) && !LIMITS.test(name)), limits: those((name) => LIMITS.test(name)) };
}
