import { Module } from '@nestjs/common';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { DocumentInterceptor } from './document.interceptor.js';
import { ToolDocuments } from './tool-documents.service.js';

@Module({
  imports: [DiscoveryModule],
  providers: [ToolDocuments, DocumentInterceptor],
  exports: [ToolDocuments, DocumentInterceptor, DiscoveryModule],
})
export class TranslationModule {}
