import { Injectable } from '@nestjs/common';
import { METRICS } from '../metrics/metric-names.js';
import { StateGauges } from '../metrics/state-gauges.js';
import { McpClient } from './mcp-client.service.js';
import type { Upstream } from './upstream.js';

/** What is known of each MCP server, for whoever reads the metrics. */
@Injectable()
export class UpstreamMetrics {
  constructor(
    gauges: StateGauges,
    private readonly mcpClient: McpClient,
  ) {
    gauges.show(METRICS.upstreamUp, () => this.ofEach((upstream) => Number(upstream.status().state === 'up')));
    gauges.show(METRICS.upstreamBreakers, () => this.ofEach(({ pausedFor }) => pausedFor));
    gauges.show(METRICS.upstreamCalls, () => this.ofEach((upstream) => mcpClient.callsTo(upstream)));
    gauges.show(METRICS.poolInUse, () => this.ofEach(({ pool }) => pool?.inUse));
    gauges.show(METRICS.poolWaiting, () => this.ofEach(({ pool }) => pool?.waiting));
    gauges.show(METRICS.childStarts, () => this.ofEach(({ childStarts }) => childStarts));
  }

  /** Servers for which there is no such value have no sample. */
  private *ofEach(value: (upstream: Upstream) => number | undefined) {
    for (const upstream of this.mcpClient.upstreams) {
      const known = value(upstream);
      if (known !== undefined) yield { labels: { server: upstream.name }, value: known };
    }
  }
}
