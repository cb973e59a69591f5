import { Injectable, Logger } from '@nestjs/common';
import { TokenError } from '@app/mcp-transport';
import type { Response } from 'express';
import { SignIn } from '../../../auth/sign-in.service.js';
import { Callback } from '../../../grants/callback.service.js';
import type { GrantLink } from '../../../grants/grant-links.service.js';
import { Grants } from '../../../grants/grants.service.js';
import { ServersOfGrants } from '../../../grants/servers-of-grants.js';
import { page } from './page.js';

/** The steps of a user's authorization, each of which ends with a redirect or a page. */
@Injectable()
export class GrantSteps {
  private readonly logger = new Logger('grants');

  constructor(
    readonly signIn: SignIn,
    readonly callback: Callback,
    private readonly grants: Grants,
    private readonly servers: ServersOfGrants,
  ) {}

  /** Where the user of a link goes to authorize its server; only this browser can end it. Throws a TokenError. */
  async begin({ server: name, owner }: GrantLink, browser: string): Promise<string> {
    const server = this.servers.named(name);
    if (!server) throw new TokenError('the gateway has no such server any more.', true);
    return this.grants.begin(server, owner, await this.grants.challengeFor(server, owner), browser);
  }

  /** Sends the browser on, or says why it cannot go on. */
  async goOn(response: Response, where: () => Promise<string>): Promise<void> {
    try {
      response.redirect(303, await where());
    } catch (error) {
      const reason = error instanceof TokenError ? error.message : 'The sign-in cannot be begun: its issuer does not answer as it should.';
      this.logger.warn({ msg: 'an authorization could not be begun', reason });
      page(response, 502, 'Not authorized', [reason]);
    }
  }
}
