import { Module } from '@nestjs/common';
import { makeCounterProvider } from '@willsoto/nestjs-prometheus';
import { HealthModule } from '../health/health.module.js';
import { McpClientModule } from '../mcp-client/mcp-client.module.js';
import { METRICS } from '../metrics/metric-names.js';
import { AlertWebhook } from './alert-webhook.service.js';
import { Alerts } from './alerts.service.js';

/** Alerts for people without Prometheus. */
@Module({
  imports: [HealthModule, McpClientModule],
  providers: [makeCounterProvider({ ...METRICS.alerts, labelNames: [...METRICS.alerts.labelNames] }), AlertWebhook, Alerts],
})
export class AlertsModule {}
