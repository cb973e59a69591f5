import type { Logger } from 'pino';
import type { NextFunction, Response } from 'express';
import type { CorrelatedRequest } from './correlation.middleware.js';
import type { HttpMetrics } from '../metrics/http-metrics.js';
import type { SecurityEvents } from '../metrics/security-events.js';

/**
 * One log line and one metrics sample for each request, written when its answer is out or its client gone, whatever became of it:
 * refused, malformed and unknown requests are seen like all others.
 */
export function accessLogMiddleware(logger: Logger, metrics: HttpMetrics, events: SecurityEvents) {
  return (request: CorrelatedRequest, response: Response, next: NextFunction): void => {
    response.on('close', () => {
      const { context } = request;
      const durationMs = performance.now() - context.startedAt;
      const translationMs = durationMs - (context.upstreamMs ?? 0);
      if (context.suspicion) events.tell(context.suspicion, request);
      metrics.observe(request.method, response.statusCode, context, translationMs);
      logger.info({
        msg: 'request',
        correlation_id: context.correlationId,
        client: context.clientAddress,
        method: request.method,
        path: pathOf(request),
        status: response.writableFinished ? response.statusCode : 499,
        principal: context.principal.id,
        tool: context.tool,
        upstream: context.upstream,
        error: context.errorType,
        duration_ms: rounded(durationMs),
        translation_ms: rounded(translationMs),
        upstream_ms: context.upstreamMs === undefined ? undefined : rounded(context.upstreamMs),
        ...context.payloads,
      });
    });
    next();
  };
}

/** Without the query, which may hold anything, and without the address of a URL that is whole, which may hold a password. */
function pathOf({ originalUrl }: CorrelatedRequest): string {
  const url = originalUrl.startsWith('/') ? originalUrl : originalUrl.replace(ADDRESS, '');
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

const ADDRESS = /^[^/?]*\/\/[^/?]*/;

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
