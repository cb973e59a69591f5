import type { CorrelatedRequest } from '../../../http/correlation.middleware.js';
import type { Principal } from '../../../correlation/principal.js';

/** A request of which it is known who makes it, once it has passed the middleware or the guard that asks. */
export type AuthenticatedRequest = CorrelatedRequest & { principal?: Principal };
