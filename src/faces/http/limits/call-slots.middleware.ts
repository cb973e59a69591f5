import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { CallSlots } from '../../../throttler/call-slots.js';

/** While all places are taken a call is refused before its body is read; it gets its place later, from the guard. */
export function callSlotsMiddleware(slots: CallSlots): RequestHandler {
  return (request: Request, _: Response, next: NextFunction): void => next(request.method === 'POST' ? slots.refusal() : undefined);
}
