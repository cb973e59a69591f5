import type { Principal } from '../../../correlation/principal.js';
import type { CorrelatedRequest } from '../../../http/correlation.middleware.js';

/** A request to this face. */
export type McpRequest = CorrelatedRequest & {
  /** Asked already, where every request is asked. */
  readonly principal?: Principal;
};

/** The server that a request is about; undefined for all. */
export function serverOf({ params }: CorrelatedRequest): string | undefined {
  const { server } = params;
  return typeof server === 'string' ? server : undefined;
}
