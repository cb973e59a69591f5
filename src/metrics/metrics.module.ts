import { Global, Module } from '@nestjs/common';
import { makeCounterProvider, makeHistogramProvider, PrometheusModule } from '@willsoto/nestjs-prometheus';
import { HttpMetrics } from './http-metrics.js';
import { METRICS } from './metric-names.js';
import { SecurityEvents } from './security-events.js';
import { ToolCallMetrics } from './tool-call-metrics.js';

const { toolCalls, outputMismatches, httpRequests, securityEvents, translation, upstream } = METRICS;

/** `GET /metrics`, and the metrics that the other modules count with. */
@Global()
@Module({
  imports: [PrometheusModule.register()],
  providers: [
    makeCounterProvider({ ...toolCalls, labelNames: [...toolCalls.labelNames] }),
    makeCounterProvider({ ...outputMismatches, labelNames: [...outputMismatches.labelNames] }),
    makeCounterProvider({ ...httpRequests, labelNames: [...httpRequests.labelNames] }),
    makeCounterProvider({ ...securityEvents, labelNames: [...securityEvents.labelNames] }),
    makeHistogramProvider({ ...translation, labelNames: [], buckets: [...translation.buckets] }),
    makeHistogramProvider({ ...upstream, labelNames: [...upstream.labelNames], buckets: [...upstream.buckets] }),
    HttpMetrics,
    ToolCallMetrics,
    SecurityEvents,
  ],
  exports: [HttpMetrics, ToolCallMetrics, SecurityEvents],
})
export class MetricsModule {}
