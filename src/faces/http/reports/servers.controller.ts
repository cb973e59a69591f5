import { Controller, Get, Header, Req } from '@nestjs/common';
import { Documented } from '../../../http/documents/documented.decorator.js';
import { answers } from '../../../http/documents/documented-answers.js';
import { type ServerReport, ServerReports } from '../../../view/server-reports.service.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { RequestViews } from '../documents/request-views.service.js';
import { CallerRoutes } from '../pipeline.js';

const SERVERS_SCHEMA = {
  type: 'object',
  required: ['servers'],
  properties: {
    servers: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'state', 'since', 'tools'],
        properties: {
          name: { type: 'string', example: 'planner' },
          state: { type: 'string', enum: ['starting', 'up', 'degraded', 'needs_auth', 'needs_authorization', 'disabled'] },
          since: { type: 'string', format: 'date-time' },
          transport: { type: 'string', example: 'stdio' },
          era: { type: 'string', enum: ['legacy', 'modern'] },
          protocolVersion: { type: 'string', example: '2025-11-25' },
          serverInfo: { type: 'object', additionalProperties: true },
          tools: { type: 'integer', description: 'How many of its tools the caller may use.' },
          stale: { type: 'boolean', description: 'True where its tools are older than they should be, and cannot be had anew.' },
          lastError: { type: 'string' },
          authorizeUrl: { type: 'string', format: 'uri', description: 'Where a person has to go to authorize it; for admins.' },
        },
      },
    },
  },
};

const SERVERS = {
  servers: [
    {
      name: 'planner',
      state: 'up',
      since: '2025-10-15T09:30:00.000Z',
      transport: 'stdio',
      era: 'modern',
      protocolVersion: '2026-07-28',
      serverInfo: { name: 'planner', version: '0.1.0' },
      tools: 12,
    },
  ],
};

/** What is known of the MCP servers. */
@Documented(({ ApiBearerAuth, ApiTags }) => [ApiTags('servers'), ApiBearerAuth('bearerAuth')])
@Controller('v1/servers')
@CallerRoutes()
export class ServersController {
  constructor(
    private readonly reports: ServerReports,
    private readonly views: RequestViews,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    swagger.ApiOperation({
      operationId: 'listServers',
      summary: 'The MCP servers that the caller may use: their states, and how many tools each has',
    }),
    ...answers(swagger, 'The servers.', { 'application/json': { schema: SERVERS_SCHEMA, example: SERVERS } }, [400, 401, 500]),
  ])
  async list(@Req() request: RequestOfCaller): Promise<{ servers: ServerReport[] }> {
    return { servers: this.reports.for(await this.views.of(request)) };
  }
}
