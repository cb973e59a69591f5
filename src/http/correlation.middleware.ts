import type { IncomingHttpHeaders } from 'node:http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { ClientAddress } from '../correlation/client-address.js';
import { newContext, type RequestContext } from '../correlation/request-context.js';

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
    const context = newContext(givenId(request.headers), clientAddress(request));
    (request as CorrelatedRequest).context = context;
    if (request.method !== 'POST') response.setHeader('X-Correlation-Id', context.correlationId);
    next();
  };
}

/** The id that a request brings, legal or not. */
export function givenId(headers: IncomingHttpHeaders): string | undefined {
  const id = headers['x-correlation-id'] ?? headers['x-request-id'] ?? traceId(headers.traceparent);
  return Array.isArray(id) ? id[0] : id;
}

/** The trace-id of a W3C Trace Context header. */
function traceId(traceparent: string | string[] | undefined): string | undefined {
  return typeof traceparent === 'string' ? /^[\da-f]{2}-([\da-f]{32})-/.exec(traceparent)?.[1] : undefined;
}
