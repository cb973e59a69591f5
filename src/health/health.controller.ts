import { Controller, Get, Header, UseFilters } from '@nestjs/common';
import { type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { Documented } from '../http/documented.decorator.js';
import { CatalogIndicator } from './catalog.indicator.js';
import { documentedAnswers, json } from './documented-answers.js';
import { ShutdownState } from './shutdown-state.js';
import { UnhealthyFilter } from './unhealthy.filter.js';
import { UpstreamsIndicator } from './upstreams.indicator.js';

const LIVE_SCHEMA = { type: 'object', required: ['status'], properties: { status: { type: 'string', enum: ['ok'] } } };

/** Health for people and for Kubernetes' probes. Nothing here waits: it reports what is known. */
@Documented(({ ApiTags }) => [ApiTags('health')])
@Controller()
@UseFilters(UnhealthyFilter)
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly upstreams: UpstreamsIndicator,
    private readonly catalog: CatalogIndicator,
    private readonly shutdown: ShutdownState,
  ) {}

  @Get('health')
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    ...documentedAnswers(swagger),
    swagger.ApiOperation({ operationId: 'getHealth', summary: 'The gateway and everything behind it; 503 when a part is down' }),
  ])
  all(): Promise<HealthCheckResult> {
    return this.health.check([() => this.catalog.check(), ...this.upstreams.all()]);
  }

  @Get('health/mcp')
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    ...documentedAnswers(swagger),
    swagger.ApiOperation({ operationId: 'getHealthOfServers', summary: 'Every MCP server; 503 when one is down' }),
  ])
  mcp(): Promise<HealthCheckResult> {
    return this.health.check(this.upstreams.all());
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
    ...documentedAnswers(swagger),
    swagger.ApiOperation({
      operationId: 'getReadiness',
      summary: 'Calls can be taken: tools are known and the gateway is not stopping; else 503',
    }),
  ])
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.shutdown.check(), () => this.catalog.check()]);
  }
}
