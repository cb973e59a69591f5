import { Module } from '@nestjs/common';
import { ChatStatuses } from './chat-statuses.service.js';

/** What is sent to Open WebUI. */
@Module({ providers: [ChatStatuses], exports: [ChatStatuses] })
export class OpenWebUiModule {}
