import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AuthModule } from '../auth/auth.module.js';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { CatalogIndicator } from './catalog.indicator.js';
import { HealthAnswers } from './health-answers.service.js';
import { HealthCallers } from './health-callers.service.js';
import { HealthChecks } from './health-checks.service.js';
import { HealthController } from './health.controller.js';
import { HealthReports } from './health-reports.service.js';
import { OpenWebUiCheck } from './open-webui-check.service.js';
import { ReadinessIndicator } from './readiness.indicator.js';
import { RedisPart } from './redis-part.service.js';
import { ServerChecks } from './server-checks.service.js';
import { ShutdownState } from './shutdown-state.js';

const ASKED = [ServerChecks, OpenWebUiCheck, RedisPart, CatalogIndicator];
const ANSWERED = [HealthReports, HealthCallers, HealthAnswers, ReadinessIndicator];

/** Health and readiness. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false, errorLogStyle: 'json' }), AuthModule, DiscoveryModule],
  controllers: [HealthController],
  providers: [...ASKED, ...ANSWERED, HealthChecks, ShutdownState],
  exports: [ShutdownState, ServerChecks],
})
export class HealthModule {}
