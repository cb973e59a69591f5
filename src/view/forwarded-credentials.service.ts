import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../correlation/request-context.js';
import type { CallerCredentials } from '@app/mcp-transport';
import type { Upstream } from '../mcp-client/upstream.js';
import { HeaderForwarding } from './header-forwarding.js';

/** Who comes, with which headers. */
export interface Comer {
  readonly context: RequestContext;
  readonly headers?: IncomingHttpHeaders;
}

/** What each server gets of a caller. */
@Injectable()
export class ForwardedCredentials {
  private readonly forwardings = new WeakMap<Upstream, HeaderForwarding>();

  /** Undefined if nothing; over stdio there is no way for it. Throws a 400 for what no request can carry. */
  of({ headers, context }: Comer, upstream: Upstream): CallerCredentials | undefined {
    const { settings, caller } = upstream;
    if (caller) return caller;
    if (settings.forwardHeaders.length === 0 || settings.kind !== 'http' || !headers) return undefined;
    let forwarding = this.forwardings.get(upstream);
    if (!forwarding) this.forwardings.set(upstream, (forwarding = new HeaderForwarding(settings)));
    return forwarding.of(headers, { keyIsOurs: context.principal.via !== 'anonymous' });
  }
}
