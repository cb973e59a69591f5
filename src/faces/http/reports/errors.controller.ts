import { Controller, Get, Header, Req } from '@nestjs/common';
import { Permissions } from '../../../auth/permissions.js';
import { Documented } from '../../../http/documents/documented.decorator.js';
import { answers } from '../../../http/documents/documented-answers.js';
import { type ErrorKind, RecentErrors } from '../../../metrics/recent-errors.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { AdminRoutes } from '../pipeline.js';

const ERRORS_SCHEMA = {
  type: 'object',
  required: ['since', 'errors'],
  properties: {
    since: { type: 'string', format: 'date-time', description: 'Since when errors are counted.' },
    errors: {
      type: 'array',
      description: 'Errors by type, tool and server, the last one first; 500 of them at the most.',
      items: {
        type: 'object',
        required: ['type', 'count', 'first_at', 'last_at', 'correlation_ids'],
        properties: {
          type: { type: 'string', example: 'upstream_timeout' },
          tool: { type: 'string', example: 'create_task' },
          server: { type: 'string', example: 'planner' },
          count: { type: 'integer' },
          first_at: { type: 'string', format: 'date-time' },
          last_at: { type: 'string', format: 'date-time' },
          correlation_ids: { type: 'array', items: { type: 'string' }, description: 'Of the last ones, five at the most.' },
        },
      },
    },
  },
};

const EXAMPLE = {
  since: '2025-10-15T09:30:00.000Z',
  errors: [
    {
      type: 'upstream_timeout',
      tool: 'create_task',
      server: 'planner',
      count: 3,
      first_at: '2025-10-15T09:41:00.000Z',
      last_at: '2025-10-15T09:42:30.000Z',
      correlation_ids: ['a1', 'b2', 'c3'],
    },
  ],
};

/** What went wrong lately. */
@Documented(({ ApiBearerAuth, ApiTags }) => [ApiTags('servers'), ApiBearerAuth('bearerAuth')])
@Controller('v1/errors')
@AdminRoutes()
export class ErrorsController {
  constructor(
    private readonly recent: RecentErrors,
    private readonly permissions: Permissions,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'listErrors', summary: 'The errors that callers were told of lately, by type, tool and server' }),
    ...answers(swagger, 'The errors.', { 'application/json': { schema: ERRORS_SCHEMA, example: EXAMPLE } }, [401, 403, 500]),
  ])
  list(@Req() { context: { principal } }: RequestOfCaller) {
    const permissions = this.permissions.of(principal);
    const isSeen = ({ server }: ErrorKind) => server === undefined || (permissions?.permitsServer(server) ?? true);
    return { since: this.recent.since, errors: this.recent.list().filter(isSeen).map(toBody) };
  }
}

function toBody({ type, tool, server, count, firstAt, lastAt, correlationIds }: ErrorKind) {
  return { type, tool, server, count, first_at: firstAt, last_at: lastAt, correlation_ids: correlationIds };
}
