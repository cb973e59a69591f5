import { Module } from '@nestjs/common';
import { McpClient } from './mcp-client.service.js';

@Module({ providers: [McpClient], exports: [McpClient] })
export class McpClientModule {}
