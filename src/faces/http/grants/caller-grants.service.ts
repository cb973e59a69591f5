import { Injectable } from '@nestjs/common';
import { Permissions } from '../../../auth/permissions.js';
import type { Principal } from '../../../correlation/principal.js';
import { notFound } from '../../../errors/gateway-errors.js';
import { GatewayException } from '../../../errors/gateway.exception.js';
import { GrantLinks } from '../../../grants/grant-links.service.js';
import type { GrantedServer } from '../../../grants/granted-server.js';
import { Grants, type KeptGrant } from '../../../grants/grants.service.js';
import { OPERATOR, ownerOf } from '../../../grants/owner.js';
import { ServersOfGrants } from '../../../grants/servers-of-grants.js';
import { authorizationRequired } from '../../../view/authorization-required.js';

/** A grant as it may be shown: no token, no secret. */
export interface GrantReport {
  readonly server: string;
  readonly owner: string;
  readonly scope?: string | undefined;
  readonly grantedAt: string;
  readonly expiresAt?: string | undefined;
  readonly refreshable: boolean;
}

/** What a caller may see and do of grants: their own; admins, and everybody where nobody can be told apart, of all. */
@Injectable()
export class CallerGrants {
  constructor(
    private readonly grants: Grants,
    private readonly links: GrantLinks,
    private readonly servers: ServersOfGrants,
    private readonly permissions: Permissions,
  ) {}

  async of(caller: Principal): Promise<GrantReport[]> {
    const seen = this.servers.all.filter(({ name }) => this.permissions.of(caller)?.permitsServer(name) ?? true);
    if (isAdmin(caller)) return (await this.grants.all()).filter(({ server }) => seen.some(({ name }) => name === server)).map(toReport);
    const owner = ownerOf(caller) as string;
    const own = await Promise.all(seen.map((server) => this.grants.load(server, owner)));
    return own.flatMap((kept) => (kept ? [toReport(kept)] : []));
  }

  /** Where the caller has to go to authorize a server for themselves. */
  async linkOf(caller: Principal, name: string): Promise<string> {
    const server = this.serverOf(caller, name);
    const url = server.oauth.per === 'user' ? await this.links.linkFor(name, caller) : undefined;
    if (url !== undefined) return url;
    const { message, details } = authorizationRequired(name, undefined) as { message: string; details: Record<string, unknown> };
    throw new GatewayException(403, { type: 'permission_error', message, details });
  }

  /** Whether the authorization server has taken it back, too. */
  async revoke(caller: Principal, name: string, of: string | undefined): Promise<boolean> {
    const server = this.serverOf(caller, name);
    const owner = this.ownerFor(caller, server, of);
    const revoked = owner === undefined ? undefined : await this.grants.revoke(server, owner);
    if (!revoked) throw notFound('There is no such grant.');
    return revoked.isRevoked;
  }

  private ownerFor(caller: Principal, { oauth }: GrantedServer, of: string | undefined): string | undefined {
    if (isAdmin(caller)) return of ?? (oauth.per === 'operator' ? OPERATOR : ownerOf(caller));
    return ownerOf(caller);
  }

  private serverOf(caller: Principal, name: string): GrantedServer {
    const server = this.servers.named(name);
    if (!server || !(this.permissions.of(caller)?.permitsServer(name) ?? true))
      throw notFound('There is no such server of which people grant tokens.');
    return server;
  }
}

function isAdmin({ role, via }: Principal): boolean {
  return role === 'admin' || via === 'anonymous';
}

function toReport({ server, owner, record: { scope, grantedAt, expiresAt, refreshToken } }: KeptGrant): GrantReport {
  const at = (ms: number) => new Date(ms).toISOString();
  return {
    server,
    owner,
    scope,
    grantedAt: at(grantedAt),
    expiresAt: expiresAt === undefined ? undefined : at(expiresAt),
    refreshable: refreshToken !== undefined,
  };
}
