import type { IncomingHttpHeaders } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import { maybeOpenWebUi } from '../../../auth/open-webui-requests.service.js';
import type { Principal } from '../../../correlation/principal.js';

const WARNING =
  'Open WebUI does not say here which of its users calls, so all of them share one limit (RATE_LIMIT_CLIENT). Set ' +
  'ENABLE_FORWARD_USER_INFO_HEADERS=true in Open WebUI, and trustUserHeaders for its key in API_KEYS_FILE; or give that key a rateLimit of its own.';

/** Tells the operator, once, that Open WebUI calls without its users' names: a whole team would share the limit of one client. */
@Injectable()
export class SharedLimitWarning {
  private readonly logger = new Logger('limits');
  private isTold = false;

  look(headers: IncomingHttpHeaders, caller: Principal): void {
    if (this.isTold || isUser(caller) || !maybeOpenWebUi(headers)) return;
    this.isTold = true;
    this.logger.warn({ msg: 'users share a limit', warning: WARNING });
  }
}

function isUser({ via, id, key }: Principal): boolean {
  return key ? id !== key.name : via !== 'anonymous';
}
