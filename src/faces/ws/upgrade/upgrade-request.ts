import type { IncomingMessage } from 'node:http';
import type { RequestContext } from '../../../correlation/request-context.js';

/** A request that opens a socket; its context tells who it is. */
export type UpgradeRequest = IncomingMessage & { context: RequestContext };
