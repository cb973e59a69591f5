import { Module } from '@nestjs/common';
import { McpClient } from './mcp-client.service.js';
import { UpstreamMetrics } from './upstream-metrics.js';
import { HotReload } from './reload/hot-reload.service.js';

/** The connections to MCP servers. */
@Module({ providers: [McpClient, HotReload, UpstreamMetrics], exports: [McpClient] })
export class McpClientModule {}
