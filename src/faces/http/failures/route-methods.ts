import type { CorrelatedRequest } from '../../../http/correlation.middleware.js';

/** Told by whoever has the routes, for paths that were asked for in a way they do not take. */
export abstract class RouteMethods {
  /** The methods that the path of a request takes; none if there is nothing. */
  abstract at(request: CorrelatedRequest): readonly string[];
}
