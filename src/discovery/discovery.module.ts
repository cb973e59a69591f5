import { Module } from '@nestjs/common';
import { McpClientModule } from '../mcp-client/mcp-client.module.js';
import { CallerCatalogs } from './callers/caller-catalogs.service.js';
import { CatalogMetrics } from './catalog-metrics.js';
import { Discovery } from './discovery.service.js';
import { ListedTools } from './callers/listed-tools.service.js';
import { SharedListWriter } from './lists/shared-list-writer.service.js';
import { SharedLists } from './lists/shared-lists.service.js';
import { ToolCatalog } from './tool-catalog.service.js';
import { ToolChanges } from './tool-changes.service.js';

/** The catalogue of tools, and what keeps it up to date. */
@Module({
  imports: [McpClientModule],
  providers: [ToolCatalog, ToolChanges, SharedLists, SharedListWriter, Discovery, CallerCatalogs, ListedTools, CatalogMetrics],
  exports: [ToolCatalog, Discovery, CallerCatalogs, ListedTools, McpClientModule],
})
export class DiscoveryModule {}
