import { Global, Module } from '@nestjs/common';
import { makeCounterProvider, makeHistogramProvider, PrometheusModule } from '@willsoto/nestjs-prometheus';
import { register } from 'prom-client';
import { HttpMetrics } from './http-metrics.js';
import { METRICS } from './metric-names.js';
import { SecurityEvents } from './security-events.js';
import { CallMetrics } from './call-metrics.js';

const { toolCalls, outputMismatches, retries, httpRequests, securityEvents, translation, upstream } = METRICS;

/** Gauges of prom-client with the name of a counter, which Prometheus' own check refuses; the same numbers are in those without `_total`. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** `GET /metrics`, and the metrics that the other modules count with. */
@Global()
@Module({
  imports: [PrometheusModule.register()],
  providers: [
    makeCounterProvider({ ...toolCalls, labelNames: [...toolCalls.labelNames] }),
    makeCounterProvider({ ...outputMismatches, labelNames: [...outputMismatches.labelNames] }),
    makeCounterProvider({ ...retries, labelNames: [...retries.labelNames] }),
    makeCounterProvider({ ...httpRequests, labelNames: [...httpRequests.labelNames] }),
    makeCounterProvider({ ...securityEvents, labelNames: [...securityEvents.labelNames] }),
    makeHistogramProvider({ ...translation, labelNames: [], buckets: [...translation.buckets] }),
    makeHistogramProvider({ ...upstream, labelNames: [...upstream.labelNames], buckets: [...upstream.buckets] }),
    HttpMetrics,
    CallMetrics,
    SecurityEvents,
  ],
  exports: [HttpMetrics, CallMetrics, SecurityEvents],
})
export class MetricsModule {
  constructor() {
    for (const name of MISNAMED) register.removeSingleMetric(name);
  }
}
