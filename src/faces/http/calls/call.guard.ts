import { Injectable } from '@nestjs/common';
import { CallAbort } from '@app/mcp-transport';
import { AuthService } from '../../../auth/auth.service.js';
import type { Principal } from '../../../correlation/principal.js';
import { type Admission, Admissions, type Refused } from '../../../throttler/admissions.service.js';
import { BodyReader } from '../../../http/body/body-reader.js';
import { AuthGuard } from '../auth/auth.guard.js';
import { ToolOutcomeException } from '../failures/tool-outcome.exception.js';
import type { HttpRequest } from '../http-request.js';
import { SharedLimitWarning } from './shared-limit-warning.js';

/** A request of a call while its caller is asked for. */
type CallRequest = HttpRequest & { leaving: CallAbort };

/**
 * Asks of a call, before its body is read, who makes it and whether the body has the right form, and takes its place and one of its
 * caller's and the system's limit: nothing is kept of what strangers send, or callers who may not be served now. The call itself then finds
 * that this is done. Nest makes a guard for each module that uses it: it keeps nothing itself.
 */
@Injectable()
export class CallGuard extends AuthGuard {
  constructor(
    auth: AuthService,
    private readonly admissions: Admissions,
    private readonly bodies: BodyReader,
    private readonly sharedLimit: SharedLimitWarning,
  ) {
    super(auth);
  }

  override enter(request: HttpRequest): boolean | Promise<boolean> {
    request.leaving = new CallAbort();
    return super.enter(request);
  }

  protected override admit(caller: Principal, request: CallRequest): boolean | Promise<boolean> {
    const { context, headers, leaving } = request;
    context.principal = caller;
    const refusal = this.bodies.refusalOf(request);
    if (refusal) throw refusal;
    this.sharedLimit.look(headers, caller);
    const admitted = this.admissions.admit(context, leaving);
    return admitted instanceof Promise ? admitted.then((later) => take(later, request)) : take(admitted, request);
  }
}

function take(admitted: Admission | Refused, request: CallRequest): true {
  if ('refusal' in admitted) throw new ToolOutcomeException(admitted.refusal);
  request.admission = admitted;
  // The end of a request whose caller has left meanwhile has passed without it.
  if (request.leaving.aborted) admitted.slot.release();
  return true;
}
