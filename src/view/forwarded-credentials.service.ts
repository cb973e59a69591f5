import { Injectable } from '@nestjs/common';
import { perTool } from '@app/mcp-openapi';
import { type CallerCredentials, toOwnersCredentials } from '@app/mcp-transport';
import type { HttpUpstreamSettings } from '../config/upstream-settings.js';
import type { Caller } from '../correlation/caller.js';
import type { FailedOutcome } from '../errors/failed-outcome.js';
import { isUsers } from '../grants/granted-server.js';
import { ownerOf } from '../grants/owner.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { HeaderForwarding } from './header-forwarding.js';

/** What each server gets of a caller. */
@Injectable()
export class ForwardedCredentials {
  private readonly forwardingTo = perTool((settings: HttpUpstreamSettings) => new HeaderForwarding(settings));

  /** Undefined if nothing; over stdio there is no way for it. A refusal for headers that no request can carry. */
  of({ headers, principal }: Caller, upstream: Upstream): CallerCredentials | FailedOutcome | undefined {
    const { settings, caller } = upstream;
    if (caller) return caller;
    if (settings.kind !== 'http') return undefined;
    const forwarded =
      settings.forwardHeaders.length === 0
        ? undefined
        : this.forwardingTo(settings).of(headers, { keyIsOurs: principal.via !== 'anonymous' });
    if (!isUsers(settings) || isRefused(forwarded)) return forwarded;
    const owner = ownerOf(principal);
    return owner === undefined ? undefined : toOwnersCredentials(owner, forwarded);
  }
}

/** Whether it is a refusal in place of credentials. */
export function isRefused(credentials: CallerCredentials | FailedOutcome | undefined): credentials is FailedOutcome {
  return credentials !== undefined && 'kind' in credentials;
}
