import { Injectable } from '@nestjs/common';
import { perTool } from '@app/mcp-openapi';
import type { CallerCredentials } from '@app/mcp-transport';
import type { HttpUpstreamSettings } from '../config/upstream-settings.js';
import type { Caller } from '../correlation/caller.js';
import type { FailedOutcome } from '../errors/failed-outcome.js';
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
    if (settings.forwardHeaders.length === 0 || settings.kind !== 'http') return undefined;
    return this.forwardingTo(settings).of(headers, { keyIsOurs: principal.via !== 'anonymous' });
  }
}

/** Whether it is a refusal in place of credentials. */
export function isRefused(credentials: CallerCredentials | FailedOutcome | undefined): credentials is FailedOutcome {
  return credentials !== undefined && 'kind' in credentials;
}
