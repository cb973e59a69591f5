import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';

/** Notes when Open WebUI was last heard, by what its requests look like: nobody has to prove it. */
@Injectable()
export class OpenWebUiRequests {
  /** Undefined while none has come. */
  lastAt: Date | undefined;

  note(headers: IncomingHttpHeaders): void {
    if (isOpenWebUi(headers)) this.lastAt = new Date();
  }
}

/** Without user headers it sends nothing of its own; its client for HTTP names itself. */
export function isOpenWebUi(headers: IncomingHttpHeaders): boolean {
  return headers['x-openwebui-chat-id'] !== undefined || (headers['user-agent']?.includes('aiohttp/') ?? false);
}
