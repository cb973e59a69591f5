import type { IncomingHttpHeaders } from 'node:http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { ClientAddress } from '../correlation/client-address.js';
import { newContext, type RequestContext } from '../correlation/request-context.js';
import { readTraceContext, traceIdOf } from '../correlation/trace-context.js';

/** What is done for a request when its answer is on its way. */
export interface Delivery {
  /** `bytes`: of the body. */
  handedOver(request: CorrelatedRequest, bytes: number): void;
}

/** A request that has passed {@link correlationMiddleware}. */
export type CorrelatedRequest = Request & { context: RequestContext; delivery?: Delivery };

/**
 * Gives each request its correlation id, before anything can fail, and says it in the answer. What answers a POST says it itself, as
 * {@link writeAnswer} does: a header that is set apart from the others costs a call more than all of them together.
 */
export function correlationMiddleware(clientAddress: ClientAddress): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    const context = contextOf(request.headers, clientAddress(request));
    (request as CorrelatedRequest).context = context;
    if (request.method !== 'POST') response.setHeader('X-Correlation-Id', context.correlationId);
    next();
  };
}

/** Of a request with these headers. */
export function contextOf(headers: IncomingHttpHeaders, clientAddress: string): RequestContext {
  const { traceparent } = headers;
  const trace = traceparent === undefined ? undefined : readTraceContext(traceparent, headers.tracestate);
  const id = headers['x-correlation-id'] ?? headers['x-request-id'] ?? (trace && traceIdOf(trace));
  return newContext(Array.isArray(id) ? id[0] : id, clientAddress, trace);
}
