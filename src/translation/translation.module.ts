import { Module } from '@nestjs/common';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { ToolDocuments } from './tool-documents.service.js';

/** Documents of tools. */
@Module({
  imports: [DiscoveryModule],
  providers: [ToolDocuments],
  exports: [ToolDocuments, DiscoveryModule],
})
export class TranslationModule {}
