import { Global, Module } from '@nestjs/common';
import { makeCounterProvider, makeHistogramProvider, PrometheusModule } from '@willsoto/nestjs-prometheus';
import { HttpMetrics } from './http-metrics.js';
import { METRICS } from './metric-names.js';
import { SecurityEvents } from './security-events.js';
import { CallMetrics } from './call-metrics.js';

const { toolCalls, outputMismatches, retries, httpRequests, securityEvents, translation, upstream } = METRICS;

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
export class MetricsModule {}
