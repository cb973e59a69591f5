import { Injectable } from '@nestjs/common';
import type { Principal } from '../../../correlation/principal.js';
import { GatewayException } from '../../../errors/gateway.exception.js';
import type { HttpRequest } from '../http-request.js';
import { AuthGuard } from './auth.guard.js';

const MESSAGE = 'Only callers with the role "admin" may see this: give the key this role in API_KEYS_FILE, or use a token that has it.';

/** For routes of those who run the gateway. Where nobody can be told apart everybody is one of them. */
@Injectable()
export class AdminGuard extends AuthGuard {
  protected override admit(caller: Principal, request: HttpRequest): boolean | Promise<boolean> {
    request.context.principal = caller;
    if (caller.role !== 'admin' && caller.via !== 'anonymous')
      throw new GatewayException(403, { type: 'permission_error', message: MESSAGE });
    return super.admit(caller, request);
  }
}
