import { Module } from '@nestjs/common';
import { McpClientModule } from '../mcp-client/mcp-client.module.js';
import { Discovery } from './discovery.service.js';
import { ToolCatalog } from './tool-catalog.service.js';
import { ToolChanges } from './tool-changes.service.js';

@Module({
  imports: [McpClientModule],
  providers: [ToolCatalog, ToolChanges, Discovery],
  exports: [ToolCatalog, Discovery, McpClientModule],
})
export class DiscoveryModule {}
