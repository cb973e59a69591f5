import { HttpException } from '@nestjs/common';
import type { Suspicion } from '../correlation/request-context.js';
import type { ErrorFields } from './error-body.js';

/** A failure that a caller is told of, with its status and the fields of its body. */
export class GatewayException extends HttpException {
  constructor(
    status: number,
    readonly fields: ErrorFields,
    readonly headers: Readonly<Record<string, string>> = {},
    /** Set where the request looks like an attack. */
    readonly suspicion?: Suspicion,
  ) {
    super(fields.message, status);
  }
}
