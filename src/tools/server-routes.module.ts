import { Module } from '@nestjs/common';
import { TranslationModule } from '../translation/translation.module.js';
import { ServerDocumentsController } from './server-documents.controller.js';
import { ServerToolsController } from './server-tools.controller.js';
import { ToolsModule } from './tools.module.js';

/** Routes whose first segment is the name of a server or tool: imported last, so that all others win. */
@Module({ imports: [ToolsModule, TranslationModule], controllers: [ServerDocumentsController, ServerToolsController] })
export class ServerRoutesModule {}
