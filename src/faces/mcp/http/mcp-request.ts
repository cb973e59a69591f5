import type { Caller } from '../../../correlation/caller.js';
import type { Principal } from '../../../correlation/principal.js';
import type { CorrelatedRequest } from '../../../http/correlation.middleware.js';

/** A request to this face. */
export type McpRequest = CorrelatedRequest & {
  /** Asked already, where every request is asked. */
  readonly principal?: Principal;
};

/** Who makes a request. */
export function callerOf({ context, headers }: CorrelatedRequest): Caller {
  return { principal: context.principal, address: context.clientAddress, headers };
}

/** The server that a request is about; undefined for all. */
export function serverOf({ params }: CorrelatedRequest): string | undefined {
  const { server } = params;
  return typeof server === 'string' ? server : undefined;
}
