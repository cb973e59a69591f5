import { maxHeaderSize, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { CorrelatedRequest } from '../correlation.middleware.js';
import { newContext } from '../../correlation/request-context.js';
import { errorBody } from '../../errors/error-body.js';
import { NO_HTTP } from '../../errors/gateway-errors.js';
import type { HttpMetrics } from '../../metrics/http-metrics.js';
import { responseInFlight } from '../framework/response-in-flight.js';
import { HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from './timeouts.js';
import { writeAnswer } from '../write-answer.js';

/** A client that still sends reads no answer when its connection is cut at once. */
const LINGER_MS = 1_000;

type CorrelatedResponse = ServerResponse & { readonly req: CorrelatedRequest };

/**
 * Answers what Node's parser refuses in the one error shape, with a correlation id, logs and counts it once, and closes the
 * connection. `server` may be one of HTTPS.
 */
export function answerClientErrors(server: Server, logger: Logger, metrics: HttpMetrics): void {
  const refused = new WeakSet<Socket>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // What comes after the answer is refused again.
    if (refused.has(socket)) return;
    refused.add(socket);
    // Gone, or never asked anything: browsers open connections ahead.
    if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesRead === 0) return void socket.destroy();
    const response = responseInFlight(socket);
    if (response) return endRequest(response as CorrelatedResponse, socket, error);
    const context = newContext(undefined, socket.remoteAddress ?? '');
    const { status, message } = refusalOf(error);
    metrics.count('', status);
    const { correlationId: correlation_id, principal } = context;
    logger.info({ msg: 'request', correlation_id, status, principal: principal.id, error: TYPE, reason: error.code });
    socket.end(wholeAnswer(status, errorBody({ type: TYPE, message }, correlation_id), correlation_id));
    linger(socket);
  });
}

/** Only a request that waits for the rest of its body can be answered; the access log tells of it. */
function endRequest(response: CorrelatedResponse, socket: Socket, error: NodeJS.ErrnoException): void {
  const { req } = response;
  if (response.headersSent || req.complete || req.method !== 'POST' || error.code === 'HPE_INVALID_EOF_STATE') return void socket.destroy();
  const { status, message } = refusalOf(error);
  req.context.errorType = TYPE;
  const body = errorBody({ type: TYPE, message }, req.context.correlationId);
  writeAnswer(response, status, { contentType: CONTENT_TYPE, body, headers: { Connection: 'close' } });
  linger(socket);
}

interface Refusal {
  readonly status: number;
  readonly message: string;
}

function refusalOf({ code = '' }: NodeJS.ErrnoException): Refusal {
  return REFUSALS.get(code) ?? NOT_HTTP;
}

/** An answer of JSON as it is written on a connection that no response has; the connection ends with it. */
export function wholeAnswer(status: number, body: string, correlationId: string, headers: Readonly<Record<string, string>> = {}): string {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `X-Correlation-Id: ${correlationId}`,
    `Content-Type: ${CONTENT_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries({ Connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** Reads on for a moment, so that what was written last is read before the connection ends. */
export function linger(socket: Duplex): void {
  const cut = () => void socket.destroy();
  const timer = setTimeout(cut, LINGER_MS).unref();
  socket.once('end', cut).once('close', () => clearTimeout(timer));
}

const TYPE = 'request_error';
const CONTENT_TYPE = 'application/json; charset=utf-8';
const SECONDS = { headers: HEADERS_TIMEOUT_MS / 1000, all: REQUEST_TIMEOUT_MS / 1000 };
const TOO_SLOW = `The request came too slowly: its headers may take ${SECONDS.headers} s, all of it ${SECONDS.all} s.`;
const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  ['HPE_HEADER_OVERFLOW', { status: 431, message: `The headers of the request are larger than ${maxHeaderSize} bytes.` }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, message: TOO_SLOW }],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', { status: 413, message: 'The extensions of a chunk of the body are too large.' }],
]);
const NOT_HTTP: Refusal = { status: 400, message: NO_HTTP };
