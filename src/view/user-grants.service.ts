import { Injectable } from '@nestjs/common';
import type { CallerCredentials } from '@app/mcp-transport';
import type { Caller } from '../correlation/caller.js';
import type { CallerAnswer } from '../discovery/callers/caller-catalogs.service.js';
import type { FailedOutcome } from '../errors/failed-outcome.js';
import { GrantLinks } from '../grants/grant-links.service.js';
import { isUsers } from '../grants/granted-server.js';
import { Grants } from '../grants/grants.service.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { authorizationRequired } from './authorization-required.js';

/** Whether callers have authorized servers of which each user does so, and what they are told where they have not. */
@Injectable()
export class UserGrants {
  constructor(
    private readonly grants: Grants,
    private readonly links: GrantLinks,
  ) {}

  /** True for servers that want something else of their callers. */
  async has({ settings }: Upstream, { owner }: CallerCredentials): Promise<boolean> {
    if (!isUsers(settings)) return true;
    return owner !== undefined && (await this.grants.load(settings, owner)) !== undefined;
  }

  /** What a call is answered that the caller's grant does not do for. */
  async required({ name }: Upstream, { principal }: Caller): Promise<FailedOutcome> {
    return authorizationRequired(name, await this.links.linkFor(name, principal));
  }

  /** What stands for the server's answer; with a link for a call. */
  async missing({ name }: Upstream, { principal }: Caller, isCall: boolean): Promise<CallerAnswer> {
    const authorizeUrl = isCall ? await this.links.linkFor(name, principal) : undefined;
    return { kind: 'refused', hasWaited: false, isUsers: true, authorizeUrl };
  }
}
