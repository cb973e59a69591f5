import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import type { Upstream } from '../mcp-client/upstream.js';

/** Health of the MCP servers, from what their connections know: no request waits for a server. */
@Injectable()
export class UpstreamsIndicator {
  constructor(
    private readonly mcpClient: McpClient,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /** One check for each server: up when it is connected. */
  all(): (() => HealthIndicatorResult)[] {
    return this.mcpClient.upstreams.map((upstream) => () => this.check(upstream));
  }

  private check(upstream: Upstream): HealthIndicatorResult {
    const { name, state, since, transport, server, lastError } = upstream.status();
    const details = { state, since: since.toISOString(), transport, era: server?.era, protocolVersion: server?.protocolVersion };
    const indicator = this.indicators.check(name);
    return state === 'up' ? indicator.up(details) : indicator.down({ ...details, lastError });
  }
}
