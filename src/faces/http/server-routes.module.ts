import { Module } from '@nestjs/common';
import { CallModule } from '../../call/call.module.js';
import { TranslationModule } from '../../translation/translation.module.js';
import { ViewModule } from '../../view/view.module.js';
import { ServerDocumentsController } from './documents/server-documents.controller.js';
import { HttpFaceModule } from './http-face.module.js';
import { ServerToolsController } from './server-tools.controller.js';

/** Routes whose first segment is the name of a server or tool: imported last, so that all others win. */
@Module({
  imports: [HttpFaceModule, CallModule, TranslationModule, ViewModule],
  controllers: [ServerDocumentsController, ServerToolsController],
})
export class ServerRoutesModule {}
