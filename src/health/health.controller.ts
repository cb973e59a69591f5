import { Controller, Get, Header, Req, Res, UseFilters } from '@nestjs/common';
import { type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import type { Response } from 'express';
import type { CorrelatedRequest } from '../http/correlation.middleware.js';
import { Documented } from '../http/documents/documented.decorator.js';
import { healthAnswers, json, OPEN_WEBUI, readyAnswers, REDIS, SERVERS, TOOLS } from './documented-answers.js';
import { HealthAnswers } from './health-answers.service.js';
import { HealthReports } from './health-reports.service.js';
import { ReadinessIndicator } from './readiness.indicator.js';
import { ShutdownState } from './shutdown-state.js';
import { UnhealthyFilter } from './unhealthy.filter.js';

const LIVE_SCHEMA = { type: 'object', required: ['status'], properties: { status: { type: 'string', enum: ['ok'] } } };

/** Health for people, 200 whatever it is, and readiness for Kubernetes' probes. Nothing here waits: it reports what is known. */
@Documented(({ ApiTags }) => [ApiTags('health')])
@Controller()
@UseFilters(UnhealthyFilter)
export class HealthController {
  constructor(
    private readonly answers: HealthAnswers,
    private readonly reports: HealthReports,
    private readonly health: HealthCheckService,
    private readonly readiness: ReadinessIndicator,
    private readonly shutdown: ShutdownState,
  ) {}

  @Get('health')
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    ...healthAnswers(swagger, { ...TOOLS, ...SERVERS, ...REDIS, ...OPEN_WEBUI }),
    swagger.ApiOperation({ operationId: 'getHealth', summary: 'The gateway and everything around it: read "status"' }),
  ])
  all(@Req() request: CorrelatedRequest, @Res({ passthrough: true }) response: Response) {
    return this.answers.give(request, response, (isSeen) => this.reports.all(isSeen));
  }

  @Get('health/mcp')
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    ...healthAnswers(swagger, SERVERS),
    swagger.ApiOperation({ operationId: 'getHealthOfServers', summary: 'Every MCP server, as it answered the last ping' }),
  ])
  mcp(@Req() request: CorrelatedRequest, @Res({ passthrough: true }) response: Response) {
    return this.answers.give(request, response, (isSeen) => this.reports.mcp(isSeen));
  }

  @Get('health/redis')
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    ...healthAnswers(swagger, REDIS),
    swagger.ApiOperation({ operationId: 'getHealthOfRedis', summary: 'Redis, which replicas share' }),
  ])
  redis(@Req() request: CorrelatedRequest, @Res({ passthrough: true }) response: Response) {
    return this.answers.give(request, response, () => this.reports.ofRedis());
  }

  @Get('health/openwebui')
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    ...healthAnswers(swagger, OPEN_WEBUI),
    swagger.ApiOperation({ operationId: 'getHealthOfOpenWebUi', summary: 'Open WebUI, and when it was heard last' }),
  ])
  openWebUi(@Req() request: CorrelatedRequest, @Res({ passthrough: true }) response: Response) {
    return this.answers.give(request, response, () => this.reports.ofOpenWebUi());
  }

  @Get('health/live')
  @Header('Cache-Control', 'no-store')
  @Documented(({ ApiOkResponse, ApiOperation }) => [
    ApiOperation({ operationId: 'getLiveness', summary: 'The process answers' }),
    ApiOkResponse({ description: 'It does.', content: json(LIVE_SCHEMA, { status: 'ok' }) }),
  ])
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    ...readyAnswers(swagger),
    swagger.ApiOperation({
      operationId: 'getReadiness',
      summary:
        'Calls can be taken: discovery has been tried, what READY_POLICY asks for is there, and the gateway is not about to end; else 503',
    }),
  ])
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.shutdown.check(), () => this.readiness.check()]);
  }
}
