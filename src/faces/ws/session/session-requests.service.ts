import { Injectable } from '@nestjs/common';
import { Announcements } from './announcements.service.js';
import { Resumption } from './resumption.service.js';
import { SessionCalls } from './session-calls.service.js';
import { SessionTools } from './session-tools.service.js';

/** What can be asked for in a session. */
@Injectable()
export class SessionRequests {
  constructor(
    readonly calls: SessionCalls,
    readonly tools: SessionTools,
    readonly announcements: Announcements,
    readonly resumption: Resumption,
  ) {}
}
