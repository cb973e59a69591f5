import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { CatalogIndicator } from './catalog.indicator.js';
import { HealthController } from './health.controller.js';
import { ShutdownState } from './shutdown-state.js';
import { UpstreamsIndicator } from './upstreams.indicator.js';

@Module({
  imports: [TerminusModule.forRoot({ logger: false, errorLogStyle: 'json' }), DiscoveryModule],
  controllers: [HealthController],
  providers: [UpstreamsIndicator, CatalogIndicator, ShutdownState],
  exports: [ShutdownState],
})
export class HealthModule {}
