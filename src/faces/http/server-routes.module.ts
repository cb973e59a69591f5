import { Module } from '@nestjs/common';
import { ServerToolsController } from './calls/server-tools.controller.js';
import { ServerDocumentsController } from './documents/server-documents.controller.js';
import { HttpFaceModule } from './http-face.module.js';

/** Routes whose first segment is the name of a server or tool: imported last, so that all others win. */
@Module({ imports: [HttpFaceModule], controllers: [ServerDocumentsController, ServerToolsController] })
export class ServerRoutesModule {}
