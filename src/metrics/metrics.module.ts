import { Global, Module } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider, PrometheusModule } from '@willsoto/nestjs-prometheus';
import { register } from 'prom-client';
import { CacheMetrics } from './cache-metrics.js';
import { ChatMetrics } from './chat-metrics.js';
import { HttpMetrics } from './http-metrics.js';
import { McpMetrics } from './mcp-metrics.js';
import { METRICS } from './metric-names.js';
import { RecentErrors } from './recent-errors.js';
import { RedisMetrics } from './redis-metrics.js';
import { RefusalMetrics } from './refusal-metrics.js';
import { SecurityEvents } from './security-events.js';
import { SocketMetrics } from './socket-metrics.js';
import { CallMetrics } from './call-metrics.js';
import { StateGauges } from './state-gauges.js';

const { translation, upstream, chat } = METRICS;
const GAUGES = [METRICS.openSockets];
const COUNTERS = [
  METRICS.toolCalls,
  METRICS.outputMismatches,
  METRICS.retries,
  METRICS.httpRequests,
  METRICS.securityEvents,
  METRICS.cacheHits,
  METRICS.cacheMisses,
  METRICS.cacheStale,
  METRICS.redisCommands,
  METRICS.callsRefused,
  METRICS.chatCompletions,
  METRICS.chatRounds,
  METRICS.socketFrames,
  METRICS.socketResumes,
  METRICS.mcpSessionsEnded,
  METRICS.mcpRequests,
];

/** Gauges of prom-client with the name of a counter, which Prometheus' own check refuses; the same numbers are in those without `_total`. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

const OWN = [
  HttpMetrics,
  ChatMetrics,
  CallMetrics,
  CacheMetrics,
  RedisMetrics,
  RefusalMetrics,
  StateGauges,
  RecentErrors,
  SecurityEvents,
  SocketMetrics,
  McpMetrics,
];

/** `GET /metrics`, and the metrics that the other modules count with. */
@Global()
@Module({
  imports: [PrometheusModule.register()],
  providers: [
    ...COUNTERS.map((counter) => makeCounterProvider({ ...counter, labelNames: [...counter.labelNames] })),
    ...GAUGES.map((gauge) => makeGaugeProvider({ ...gauge, labelNames: [...gauge.labelNames] })),
    makeHistogramProvider({ ...translation, labelNames: [], buckets: [...translation.buckets] }),
    makeHistogramProvider({ ...upstream, labelNames: [...upstream.labelNames], buckets: [...upstream.buckets] }),
    makeHistogramProvider({ ...chat, labelNames: [...chat.labelNames], buckets: [...chat.buckets] }),
    ...OWN,
  ],
  exports: OWN,
})
export class MetricsModule {
  constructor() {
    for (const name of MISNAMED) register.removeSingleMetric(name);
  }
}
