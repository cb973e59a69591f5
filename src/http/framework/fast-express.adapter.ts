import http from 'node:http';
import https from 'node:https';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Response } from 'express';
import type { ResponseBody } from '@app/mcp-openapi';
import { HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from '../timeouts.js';

/** Longer than the idle times of common load balancers and clients, so that it is not the gateway that closes under a request. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** How often Node looks for slow clients; it is 30 s unless told. */
const TIMEOUT_CHECK_MS = 1_000;

/**
 * Express, without its largest cost: it calls `Object.setPrototypeOf` on every request and response, which throws away V8's
 * inline caches. Here both are born with the prototypes that Express would set, so that its call changes nothing.
 * Prepared bodies go out without Express' own `send`.
 */
export class FastExpressAdapter extends ExpressAdapter {
  override initHttpServer(options: NestApplicationOptions): void {
    super.initHttpServer(options);
    const app = this.getInstance<{ request: object; response: object } & http.RequestListener>();
    class BornRequest extends http.IncomingMessage {}
    class BornResponse extends http.ServerResponse {}
    app.request = Object.setPrototypeOf(BornRequest.prototype, app.request) as object;
    app.response = Object.setPrototypeOf(BornResponse.prototype, app.response) as object;
    const serverOptions = {
      IncomingMessage: BornRequest,
      ServerResponse: BornResponse,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    };
    const { httpsOptions } = options;
    this.httpServer = httpsOptions
      ? https.createServer({ handshakeTimeout: HEADERS_TIMEOUT_MS, ...httpsOptions, ...serverOptions }, app)
      : http.createServer(serverOptions, app);
  }

  override reply(response: Response, body: unknown, statusCode?: number): unknown {
    if (!isResponseBody(body)) return super.reply(response, body, statusCode) as unknown;
    response.statusCode = statusCode ?? response.statusCode;
    response.setHeader('Content-Type', body.contentType);
    // A 304 has no body, and its Content-Length would be that of the whole answer (RFC 9110 8.6).
    if (response.statusCode !== 304)
      response.setHeader('Content-Length', typeof body.body === 'string' ? Buffer.byteLength(body.body) : body.body.length);
    for (const name in body.headers) response.setHeader(name, body.headers[name] as string);
    return response.end(body.body);
  }
}

/** Of what controllers return only prepared bodies name their own content type. */
function isResponseBody(body: unknown): body is ResponseBody {
  return typeof body === 'object' && body !== null && 'contentType' in body;
}
