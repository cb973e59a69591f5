import type { Caller } from '../correlation/caller.js';
import type { CorrelatedRequest } from './correlation.middleware.js';

/** Who makes a request, as far as it is known by now. */
export function callerOf({ context, headers }: CorrelatedRequest): Caller {
  return { principal: context.principal, address: context.clientAddress, headers };
}
