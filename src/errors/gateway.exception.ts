import { HttpException } from '@nestjs/common';
import type { ErrorFields } from './error-body.js';

/** A failure that a caller is told of, with its status and the fields of its body. */
export class GatewayException extends HttpException {
  constructor(
    status: number,
    readonly fields: ErrorFields,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(fields.message, status);
  }
}
