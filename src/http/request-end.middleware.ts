import type { NextFunction, RequestHandler, Response } from 'express';
import type { RequestContext } from '../correlation/request-context.js';
import type { HttpMetrics } from '../metrics/http-metrics.js';
import type { SecurityEvents } from '../metrics/security-events.js';
import type { LoggedFields } from '../logging/access-log.js';
import type { CorrelatedRequest, Delivery } from './correlation.middleware.js';

/** What is done at the end of a request for its part that HTTP knows nothing of. */
export interface RequestEnd extends Delivery {
  /** `isWhole`: the answer is out; else its reader is gone. */
  ended(request: CorrelatedRequest, isWhole: boolean): void;
  /** Writes the line of the log. */
  record(context: RequestContext, fields: LoggedFields): void;
}

/**
 * The one place where a request ends, when its answer is out or its client gone, whatever became of it: refused, malformed and unknown
 * requests are seen like all others. One log line and one sample for each.
 */
export function requestEndMiddleware(end: RequestEnd, metrics: HttpMetrics, events: SecurityEvents): RequestHandler {
  const watch = (request: CorrelatedRequest, response: Response, next: NextFunction): void => {
    request.delivery = end;
    response.on('close', () => {
      const { context, method } = request;
      const isWhole = response.writableFinished;
      end.ended(request, isWhole);
      if (context.suspicion) events.tell(context.suspicion, request);
      const status = isWhole ? response.statusCode : CLIENT_LEFT;
      metrics.count(method, status);
      end.record(context, { method, path: pathOf(request), status });
    });
    next();
  };
  return watch as RequestHandler;
}

/** As nginx counts it: nobody was answered. */
const CLIENT_LEFT = 499;

/** Without the query, which may hold anything, the address of a URL that is whole, which may hold a password, and what opens a user's link. */
function pathOf({ originalUrl }: CorrelatedRequest): string {
  const url = originalUrl.startsWith('/') ? originalUrl : originalUrl.replace(ADDRESS, '');
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  return isOfTool(path) ? path : path.replace(LINK, '/oauth/authorize/...');
}

/** Most are, and hold no link: no name of a tool has a slash. */
function isOfTool(path: string): boolean {
  return path.startsWith(TOOLS) && !path.includes('/', TOOLS.length);
}

const TOOLS = '/v1/tools/';
const ADDRESS = /^[^/?]*\/\/[^/?]*/;
const LINK = /\/oauth\/authorize\/.+/i;
