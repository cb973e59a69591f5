import { Module } from '@nestjs/common';
import { McpClient } from './mcp-client.service.js';
import { HotReload } from './reload/hot-reload.service.js';

@Module({ providers: [McpClient, HotReload], exports: [McpClient] })
export class McpClientModule {}
