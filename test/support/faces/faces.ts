import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Settings } from '../../../src/config/settings.js';
import type { UpstreamSettings } from '../../../src/config/upstream-settings.js';
import { ToolCatalog } from '../../../src/discovery/tool-catalog.service.js';
import { createLogger } from '../../../src/logging/json-logger.js';
import { McpClient } from '../../../src/mcp-client/mcp-client.service.js';
import { ID, request } from '../exchange.js';
import { type GatewayHere, startGatewayHere } from '../gateway.js';
import type { LineCall } from './line-call.js';
import { serveLines } from './line-face.js';
import { type Frame, SocketClient } from '../clients/socket-client.js';
import { McpCaller } from './mcp-caller.js';
import { headersToLimits, LEFT, type Told } from './told.js';
import { until } from '../until.js';

export type { Told };

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** The correlation id; over lines no two calls of one caller at the same time may have the same. */
  readonly id?: string;
}

/** Somebody who calls over one face. */
export interface Caller {
  call(name: string, args?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<Told>;
  /** Goes away without waiting for any answer; those that were due are `left`. */
  leave(): void;
}

export const FACES = ['http', 'lines', 'ws'] as const;
/** Those over which a call that finds no place is refused; over a socket it waits. */
export const REFUSING_FACES = ['http', 'lines'] as const;
/** Those that are held to what they tell of a call alone. */
export const ALL_FACES = [...FACES, 'mcp'] as const;
export type Face = (typeof ALL_FACES)[number];

/** A gateway that all faces are at, and what it logs. */
export interface AllFaces extends GatewayHere {
  as(face: Face): Caller;
  lines(): LineCaller;
  readonly log: readonly LogLine[];
  /** The one line of a request or call, once it is there. */
  recordOf(id: string): Promise<LogLine>;
}

export type LogLine = Readonly<Record<string, unknown>>;

/** Starts one; every upstream is listed, unless it waits for callers' credentials. */
export async function startAllFaces(
  environment: Readonly<Record<string, string>>,
  upstreams: readonly UpstreamSettings[],
  more: Partial<Settings> = {},
): Promise<AllFaces> {
  const log: LogLine[] = [];
  const logger = createLogger('info', { write: (line) => void log.push(timeless(line)) });
  const gateway = await startGatewayHere(environment, upstreams, more, { logger });
  const server = serveLines(gateway.app);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const callers: Caller[] = [];
  const noted = <T extends Caller>(caller: T): T => {
    callers.push(caller);
    return caller;
  };
  const lines = () => noted(new LineCaller(port));
  const recordsOf = (id: string) => log.filter(({ msg, correlation_id }) => (msg === 'request' || msg === 'call') && correlation_id === id);
  const close = async () => {
    for (const caller of callers) caller.leave();
    await new Promise((resolve) => server.close(resolve));
    await gateway.close();
  };
  const asks = (server: string) => gateway.app.get(McpClient).upstreams.some(({ name, asksCallers }) => name === server && asksCallers);
  await until('every server is listed, or asks callers', () =>
    gateway.app
      .get(ToolCatalog)
      .snapshot()
      .unlisted.every(({ name }) => asks(name)),
  );
  return {
    ...gateway,
    log,
    close,
    lines,
    as: (face) => (face === 'lines' ? lines() : noted(new CALLERS[face](gateway.url))),
    recordOf: async (id) => {
      await until(`a record of ${id}`, () => recordsOf(id).length > 0);
      expect(recordsOf(id)).toHaveLength(1);
      return recordsOf(id)[0] as LogLine;
    },
  };
}

class HttpCaller implements Caller {
  private readonly leaving = new AbortController();

  constructor(private readonly url: string) {}

  async call(name: string, args: object = {}, { headers, id = ID }: CallOptions = {}): Promise<Told> {
    const accept = 'application/vnd.mcp+json';
    const sent = { 'content-type': 'application/json', 'x-correlation-id': id, accept, ...headers };
    const options = { method: 'POST', headers: sent, body: JSON.stringify(args), signal: this.leaving.signal };
    const answer = await request(this.url, `/v1/tools/${name}`, options).catch(() => undefined);
    if (!answer) return LEFT;
    const { status, limits, text } = answer;
    const body = JSON.parse(text) as { error?: ErrorBody };
    const { type, message, details, correlation_id, retry_after } = body.error ?? { type: 'result', correlation_id: id };
    expect({ id: correlation_id, status }).toEqual({ id, status: KINDS[type]?.status });
    const value = body.error ? undefined : body;
    return { type, value, message, details, retryAfter: retry_after, limits: headersToLimits(limits as Record<string, string>) };
  }

  leave(): void {
    this.leaving.abort();
  }
}

/** A line as it came; see line-face.ts. */
export interface Line {
  readonly id: string;
  readonly progress?: unknown;
  readonly refused?: ErrorFields;
  readonly outcome?: Outcome;
  readonly limits?: Told['limits'];
}

/** A line of the log without its time. */
export function timeless(line: string): LogLine {
  const { time, ...rest } = JSON.parse(line) as LogLine;
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  return rest;
}

type LineOptions = Pick<LineCall, 'whenFull' | 'server' | 'idempotencyKey'>;

/** Calls over one socket, as many at a time as one likes. */
export class LineCaller implements Caller {
  readonly received: Line[] = [];
  private readonly socket: net.Socket;
  private readonly waiting = new Map<string, (answer: Line | undefined) => void>();

  constructor(port: number) {
    this.socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    this.socket.on('close', () => this.waiting.forEach((tell) => tell(undefined)));
    createInterface({ input: this.socket }).on('line', (text) => this.take(JSON.parse(text) as Line));
  }

  async call(name: string, args: object = {}, { id = ID, ...more }: CallOptions & LineOptions = {}): Promise<Told> {
    this.send({ id, name, arguments: args, ...more });
    const answer = await new Promise<Line | undefined>((resolve) => this.waiting.set(id, resolve));
    return answer ? lineToTold(answer) : LEFT;
  }

  cancel(id: string): void {
    this.send({ id, cancel: true });
  }

  leave(): void {
    this.socket.destroy();
  }

  private send(line: object): void {
    this.socket.write(`${JSON.stringify(line)}\n`);
  }

  private take(line: Line): void {
    this.received.push(line);
    if (!('progress' in line)) this.waiting.get(line.id)?.(line);
  }
}

/** Calls over WebSockets, one for each set of headers. */
class SocketCaller implements Caller {
  private readonly sockets = new Map<string, Promise<SocketClient>>();

  constructor(private readonly url: string) {}

  async call(name: string, args: object = {}, { headers = {}, id = ID }: CallOptions = {}): Promise<Told> {
    const client = await this.clientWith(headers).catch((refused: { error: ErrorFields }) => refused);
    if ('error' in client) return { type: client.error.type, message: client.error.message };
    const after = client.lastSeq;
    client.call(id, name, args);
    const isEnd = ({ type, correlation_id, seq }: Frame) => /^tool_(result|error)$/.test(type) && correlation_id === id && seq > after;
    const end = await until('the call has ended', () => client.received.find(isEnd) ?? (client.isClosed && ('left' as const)), 60_000);
    return end === 'left' ? LEFT : frameToTold(end);
  }

  leave(): void {
    for (const socket of this.sockets.values()) socket.then((client) => client.socket.close(1000)).catch(() => undefined);
  }

  private clientWith(headers: Readonly<Record<string, string>>): Promise<SocketClient> {
    const key = JSON.stringify(headers);
    const known = this.sockets.get(key) ?? SocketClient.openOrRefused(this.url, { headers });
    this.sockets.set(key, known);
    return known;
  }
}

const CALLERS = { http: HttpCaller, ws: SocketCaller, mcp: McpCaller } as const;

interface ErrorFields {
  readonly type: string;
  readonly message?: string;
  readonly details?: unknown;
  readonly retryAfterSeconds?: number;
}

interface ErrorBody extends ErrorFields {
  readonly correlation_id: string;
  readonly retry_after?: number;
}

type Outcome = ErrorFields & { readonly kind: string; readonly result?: { readonly value: { readonly content: { text: string }[] } } };

function lineToTold({ refused, outcome, limits: verdict }: Line): Told {
  const { type, message, details, retryAfterSeconds: retryAfter } = { type: outcome?.kind, ...(refused ?? outcome) } as ErrorFields;
  if (outcome) expect({ type, kind: outcome.kind }).toEqual({ type, kind: KINDS[type]?.kind });
  const limits = verdict && { scope: verdict.scope, limit: verdict.limit, remaining: verdict.remaining };
  const value = outcome?.result?.value;
  if (type !== 'tool_error') return { type, value, message, details, retryAfter, limits };
  return { type, message: value?.content.map(({ text }) => text).join('\n'), limits };
}

function frameToTold({ type, data }: Frame): Told {
  const { limits: verdict, content, error, status } = data as unknown as EndData;
  const limits = verdict && { scope: verdict.scope, limit: verdict.limit, remaining: verdict.remaining };
  if (type === 'tool_result') return { type: 'result', value: { content }, limits };
  const { type: failure, message, details, retry_after: retryAfter } = error;
  expect({ failure, status }).toEqual({ failure, status: KINDS[failure]?.status });
  return { type: failure, message, details, retryAfter, limits };
}

interface EndData {
  readonly limits?: Told['limits'];
  readonly content: unknown;
  readonly error: ErrorBody;
  readonly status: number;
}

/** What each type is over HTTP, and what it is an outcome of: nothing else may go with it. */
const KINDS: Readonly<Record<string, { readonly status: number; readonly kind?: string }>> = {
  result: { status: 200, kind: 'result' },
  authentication_error: { status: 401 },
  internal_error: { status: 500 },
  tool_error: { status: 422, kind: 'tool_error' },
  validation_error: { status: 400, kind: 'rejected' },
  permission_error: { status: 403, kind: 'rejected' },
  tool_not_found: { status: 404, kind: 'rejected' },
  rate_limit_error: { status: 429, kind: 'rejected' },
  upstream_unavailable: { status: 503, kind: 'unavailable' },
  overloaded: { status: 503, kind: 'unavailable' },
  upstream_error: { status: 502, kind: 'unavailable' },
  outcome_unknown: { status: 502, kind: 'unknown' },
  upstream_timeout: { status: 504, kind: 'unknown' },
};
