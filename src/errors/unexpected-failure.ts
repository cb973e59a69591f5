import { Logger } from '@nestjs/common';
import type { ErrorFields } from './error-body.js';

const logger = new Logger('errors');

/** What anybody is told of a failure that nobody expected. */
export const INTERNAL_ERROR: ErrorFields = {
  type: 'internal_error',
  message: 'The gateway failed. The log has more under this correlation id.',
};

/** Logs a failure that nobody expected, whole; gives what is told of it. */
export function unexpectedFailure(err: unknown, correlation_id: string): ErrorFields {
  logger.error({ msg: 'unexpected failure', correlation_id, err });
  return INTERNAL_ERROR;
}
