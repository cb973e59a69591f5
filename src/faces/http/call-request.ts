import type { Request } from 'express';
import type { CorrelatedRequest } from '../../http/correlation.middleware.js';
import type { RequestWithBody } from '../../http/raw-body.middleware.js';

/** A request as it reaches a tool route. */
export type CallRequest = Request & CorrelatedRequest & RequestWithBody;
