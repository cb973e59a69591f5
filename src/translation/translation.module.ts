import { Module } from '@nestjs/common';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { ToolDocuments } from './tool-documents.service.js';

@Module({
  imports: [DiscoveryModule],
  providers: [ToolDocuments],
  exports: [ToolDocuments, DiscoveryModule],
})
export class TranslationModule {}
