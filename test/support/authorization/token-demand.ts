import { verify } from 'node:crypto';
import type { Issuer } from './issuer.js';
import type { Exchange } from '../raw-mcp-server.js';

interface Claims {
  readonly iss?: string;
  readonly aud?: string;
  readonly exp?: number;
}

/**
 * Lets requests to an MCP server pass that carry an access token of the issuer for this audience, signed with the key that the issuer has
 * now; all others are answered 401 with this challenge.
 */
export class TokenDemand {
  audience: string | undefined;
  challenge = 'Bearer error="invalid_token"';
  /** Whether none is good enough. */
  refusesAll = false;
  /** What requests carried as Authorization, those that were let pass and those that were not. */
  readonly passed: (string | undefined)[] = [];
  readonly refused: (string | undefined)[] = [];
  private readonly issuer: Issuer;

  constructor(issuer: Issuer) {
    this.issuer = issuer;
  }

  readonly guard = async (exchange: Exchange): Promise<boolean> => {
    const { authorization } = exchange.headers;
    const isGood = !this.refusesAll && (await this.isGood(authorization));
    (isGood ? this.passed : this.refused).push(authorization);
    if (!isGood) exchange.send(401, 'refused', { 'www-authenticate': this.challenge });
    return isGood;
  };

  private async isGood(authorization: string | undefined): Promise<boolean> {
    const [, head = '', body = '', signature = ''] = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(authorization ?? '') ?? [];
    const { pem } = await this.issuer.publicKey();
    if (!verify('sha256', Buffer.from(`${head}.${body}`), pem, Buffer.from(signature, 'base64url'))) return false;
    const { iss, aud, exp = 0 } = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
    return iss === this.issuer.url && (this.audience === undefined || aud === this.audience) && exp * 1000 > Date.now();
  }
}
