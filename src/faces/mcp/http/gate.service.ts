import { Inject, Injectable } from '@nestjs/common';
import { callerOf } from '../../../http/caller-of.js';
import { AuthService } from '../../../auth/auth.service.js';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import type { Principal } from '../../../correlation/principal.js';
import { GatewayException } from '../../../errors/gateway.exception.js';
import { CODE } from '../rpc/rpc.js';
import { VisibleServers } from '../upstream/visible-servers.service.js';
import { type McpRequest, serverOf } from './mcp-request.js';
import { metadataUrl } from './protected-resource.js';
import { HttpRefused } from './rpc-refusal.js';

/** Lets requests in: finds out who makes them, as every face does, and whether the server that they are about is there for them. */
@Injectable()
export class Gate {
  constructor(
    private readonly auth: AuthService,
    private readonly servers: VisibleServers,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** At once for a key. Throws or rejects for who may not. */
  enter(request: McpRequest): void | Promise<void> {
    try {
      const known = request.principal ?? this.auth.authenticate(request);
      if (!(known instanceof Promise)) return this.admit(request, known);
      return known.then(
        (principal) => this.admit(request, principal),
        (error: unknown) => this.refuse(request, error),
      );
    } catch (error) {
      this.refuse(request, error);
    }
  }

  private admit(request: McpRequest, principal: Principal): void {
    request.context.principal = principal;
    const server = serverOf(request);
    if (server === undefined || this.servers.has(callerOf(request), server)) return;
    throw new HttpRefused(404, { code: CODE.refused, message: `There is no server "${server.slice(0, 200)}" here.` });
  }

  /** Says where a client learns who gives out tokens (RFC 9728 5.1), if anybody does. */
  private refuse(request: McpRequest, error: unknown): never {
    if (!(error instanceof GatewayException) || error.getStatus() !== 401 || !this.settings.tokens.issuer) throw error;
    const challenge = `Bearer resource_metadata="${metadataUrl(request, this.settings)}"`;
    throw new GatewayException(401, error.fields, { ...error.headers, 'WWW-Authenticate': challenge }, error.suspicion);
  }
}
