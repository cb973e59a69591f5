import http from 'node:http';
import https from 'node:https';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { ErrorRequestHandler, Express, NextFunction, Request, RequestHandler, Response } from 'express';
import type { ResponseBody } from '@app/mcp-openapi';
import { oneAfterAnother } from '../connections/pipelined-requests.js';
import { HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from '../connections/timeouts.js';
import { writeAnswer } from '../write-answer.js';
import { bornWithPrototypes, type MessageClasses } from './born-with-prototypes.js';
import { DirectRoutes } from './direct-routes.js';

/** Longer than the idle times of common load balancers and clients, so that it is not the gateway that closes under a request. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** How often Node looks for slow clients; it is 30 s unless told. */
const TIMEOUT_CHECK_MS = 1_000;

/** What is done otherwise than Express does it, for speed alone: without each of them the gateway does the same, more slowly. */
export interface Shortcuts {
  readonly bornWithPrototypes: boolean;
  readonly directRoutes: boolean;
  /** Where routes are found directly. */
  readonly lanes: boolean;
}

const ALL: Shortcuts = { bornWithPrototypes: true, directRoutes: true, lanes: true };

/** Express behind a pipeline that every request passes first; prepared bodies go out without Express' own `send`. */
export class FastExpressAdapter extends ExpressAdapter {
  private readonly direct = new DirectRoutes();
  private readonly lanes = new Map<unknown, RequestHandler>();
  private pipeline: RequestHandler = (_request, _response, next) => next();
  private takesUpgrade: (request: http.IncomingMessage) => boolean = () => false;
  private failed: ErrorRequestHandler = (_error, _request, response) => response.destroy();

  constructor(private readonly shortcuts: Shortcuts = ALL) {
    super();
  }

  /** Every request passes this before its route is looked for. */
  usePipeline(pipeline: RequestHandler): void {
    this.pipeline = pipeline;
  }

  /** Which requests are to become another protocol; all others are answered as what they are, whatever they would like to become (RFC 9110 7.8). */
  useUpgrades(takesUpgrade: (request: http.IncomingMessage) => boolean): void {
    this.takesUpgrade = takesUpgrade;
  }

  /** Takes `lane` for the POST route of this path where it is found directly, in place of its own handler. Said before the routes are registered. */
  useLane(path: string, lane: RequestHandler): void {
    this.lanes.set(path, lane);
  }

  override initHttpServer(options: NestApplicationOptions): void {
    super.initHttpServer(options);
    const app = this.getInstance<Express>();
    const classes: Partial<MessageClasses> = this.shortcuts.bornWithPrototypes
      ? bornWithPrototypes(app as unknown as { request: object; response: object })
      : {};
    const serverOptions = {
      ...classes,
      // One without is answered like every other mistake, and seen.
      requireHostHeader: false,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      shouldUpgradeCallback: (request: http.IncomingMessage) => this.takesUpgrade(request),
    };
    const { httpsOptions } = options;
    const serve = oneAfterAnother(this.listener(app) as unknown as http.RequestListener);
    this.httpServer = httpsOptions
      ? https.createServer({ handshakeTimeout: HEADERS_TIMEOUT_MS, ...httpsOptions, ...serverOptions }, serve)
      : http.createServer(serverOptions, serve);
    // What a client expects beyond 100-continue need not be met (RFC 9110 10.1.1); Node's own answer has no body and is in no log.
    this.httpServer.on('checkExpectation', serve);
  }

  /** Nest registers its routes so. */
  override post(path: RequestHandler | string, handler?: RequestHandler): unknown {
    if (handler && this.shortcuts.directRoutes) {
      const lane = this.laneAt(path);
      if (lane && !String(path).includes(':')) this.direct.addExact(String(path), lane);
      else this.direct.add(path, lane ?? handler);
    }
    return super.post(path as string, handler as never) as unknown;
  }

  /** Nest's way from an error to its filters; what fails in the pipeline takes it too. */
  override setErrorHandler(handler: ErrorRequestHandler, prefix?: string): unknown {
    this.failed = handler;
    return super.setErrorHandler(handler, prefix) as unknown;
  }

  override reply(response: Response, body: unknown, statusCode?: number): unknown {
    if (!isResponseBody(body)) return super.reply(response, body, statusCode) as unknown;
    return writeAnswer(response, statusCode ?? response.statusCode, body);
  }

  /** What it cannot answer goes where the errors of routes go. */
  private laneAt(path: unknown): RequestHandler | undefined {
    const lane = this.shortcuts.lanes ? this.lanes.get(path) : undefined;
    return lane && ((request, response, next) => void lane(request, response, (error) => this.failed(error, request, response, next)));
  }

  private listener(app: Express): RequestHandler {
    // Without the prototypes Express has yet to make its own request and response of these: the pipeline comes after that.
    if (!this.shortcuts.bornWithPrototypes) {
      app.use((request: Request, response: Response, next: NextFunction) => this.pipeline(request, response, next));
      return app;
    }
    return (request, response, next) => {
      Object.assign(request, { res: response, originalUrl: request.url });
      this.pipeline(request, response, (error?: unknown) => {
        if (error) this.failed(error, request, response, next);
        else if (!this.direct.handle(request, response, next)) app(request, response, next);
      });
    };
  }
}

/** Of what controllers return only prepared bodies name their own content type. */
function isResponseBody(body: unknown): body is ResponseBody {
  return typeof body === 'object' && body !== null && 'contentType' in body;
}
