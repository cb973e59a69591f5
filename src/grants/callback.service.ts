import { timingSafeEqual } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { TokenError } from '@app/mcp-transport';
import type { GrantedServer } from './granted-server.js';
import { type BegunGrant, digestOf, Grants } from './grants.service.js';
import { ServersOfGrants } from './servers-of-grants.js';

/** What came of a browser's return from an authorization server, in words for the person who sits before it. */
export type Returned =
  | { readonly kind: 'granted'; readonly server: string }
  | { readonly kind: 'failed'; readonly server: string | undefined; readonly reason: string };

/** Ends authorizations: whoever comes back with their `state`, once, in the browser that began it. */
@Injectable()
export class Callback {
  private readonly logger = new Logger('grants');

  constructor(
    private readonly grants: Grants,
    private readonly servers: ServersOfGrants,
  ) {}

  /** `browser`: what the one that began it would hold. */
  async take(query: URLSearchParams, browser: string | undefined): Promise<Returned> {
    const state = query.get('state') ?? '';
    const begun = STATE.test(state) ? await this.grants.begun(state) : undefined;
    if (!begun) return { kind: 'failed', server: undefined, reason: UNKNOWN };
    if (!isSameBrowser(begun, browser)) return this.failed(begun, OTHER_BROWSER);
    const server = this.servers.named(begun.server);
    if (!server) return this.failed(begun, 'The gateway has no such server any more.');
    return this.finished(server, begun, query);
  }

  private async finished(server: GrantedServer, begun: BegunGrant, query: URLSearchParams): Promise<Returned> {
    try {
      await this.grants.finish(server, begun, query);
      return { kind: 'granted', server: server.name };
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      return this.failed(begun, error.message);
    }
  }

  private async failed(begun: BegunGrant, reason: string): Promise<Returned> {
    const { server } = begun;
    this.logger.warn({ msg: 'an authorization was not completed', upstream: server, reason });
    await this.grants.failed(begun);
    return { kind: 'failed', server, reason };
  }
}

const STATE = /^[\w-]{43}$/;
const UNKNOWN = 'This address was used before, is too old, or was never given out: ask for a new link.';
const OTHER_BROWSER = 'This authorization was begun in another browser: open the link in this one, and go on from there.';

function isSameBrowser({ browser }: BegunGrant, shown: string | undefined): boolean {
  if (browser === undefined) return true;
  return shown !== undefined && timingSafeEqual(Buffer.from(browser), Buffer.from(digestOf(shown)));
}
