import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';

/** Notes when Open WebUI was last heard, by what its requests look like: nobody has to prove it. */
@Injectable()
export class OpenWebUiRequests {
  /** Undefined while none has come. */
  lastAt: Date | undefined;

  note(headers: IncomingHttpHeaders): void {
    if (maybeOpenWebUi(headers)) this.lastAt = new Date();
  }
}

/** Whether a request may be one of Open WebUI, also where it sends no header of its own: its client for HTTP names itself. A guess, for what operators are told. */
export function maybeOpenWebUi(headers: IncomingHttpHeaders): boolean {
  return headers['x-openwebui-chat-id'] !== undefined || (headers['user-agent']?.includes('aiohttp/') ?? false);
}
