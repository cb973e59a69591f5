import { createPublicKey, verify } from 'node:crypto';
import type { OpeningProcess } from '../process/opening-process.ts';
import type { Exchange, RawMcpServer } from '../raw-mcp-server.js';

/** What opens {@link AuthorizationServer}s. */
export const AUTHORIZATION_SERVERS = 'test/support/servers/authorization-server.mjs';

/** A real authorization server in a process beside the test's, and an MCP server's way to judge its tokens. */
export interface AuthorizationServer {
  readonly url: string;
  /** How long access tokens live from now on. */
  setLifetime(seconds: number): Promise<void>;
  /** Whether requests for tokens wait, before anything is done about them. */
  setHold(hold: boolean): Promise<void>;
  /** How many wait. */
  held(): Promise<number>;
  /** The metadata of clients that registered themselves. */
  registered(): Promise<Readonly<Record<string, unknown>>[]>;
  /** What grants gave tokens so far. */
  granted(): Promise<string[]>;
  stop(): Promise<unknown>;
}

export async function startAuthorizationServer(
  issuers: OpeningProcess,
  redirectUris: readonly string[] = [],
): Promise<AuthorizationServer> {
  const { url, stop } = await issuers.open(redirectUris.length > 0 ? { redirectUris: redirectUris.join(',') } : {});
  return {
    url,
    stop,
    setLifetime: async (seconds) => void (await fetch(`${url}/test/lifetime?seconds=${seconds}`, { method: 'POST' })),
    setHold: async (hold) => void (await fetch(`${url}/test/hold?hold=${hold}`, { method: 'POST' })),
    held: async () => Number(await (await fetch(`${url}/test/held`)).text()),
    registered: async () => (await (await fetch(`${url}/test/registered`)).json()) as Record<string, unknown>[],
    granted: async () => (await (await fetch(`${url}/test/asked`)).json()) as string[],
  };
}

/** Whose a token is that is good for this audience, and for what; undefined for any other. */
export class TokenJudge {
  private key: Promise<string> | undefined;
  private readonly issuer: string;
  audience = '';

  constructor(issuer: string) {
    this.issuer = issuer;
  }

  async judge(authorization: string | undefined): Promise<{ readonly sub: string; readonly scope: string } | undefined> {
    const [, head = '', body = '', signature = ''] = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(authorization ?? '') ?? [];
    if (signature === '') return undefined;
    this.key ??= this.fetchKey();
    if (!verify('sha256', Buffer.from(`${head}.${body}`), await this.key, Buffer.from(signature, 'base64url'))) return undefined;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as {
      iss: string;
      aud: string;
      exp: number;
      sub: string;
      scope?: string;
    };
    const isGood = claims.iss === this.issuer && claims.aud === this.audience && claims.exp * 1000 > Date.now();
    return isGood ? { sub: claims.sub, scope: claims.scope ?? '' } : undefined;
  }

  private async fetchKey(): Promise<string> {
    const { keys } = (await (await fetch(`${this.issuer}/jwks`)).json()) as { keys: [Record<string, string>] };
    return createPublicKey({ key: keys[0], format: 'jwk' }).export({ type: 'spki', format: 'pem' }) as string;
  }
}

/** Lets requests of people pass whose token has the scope `read`, tools/call those with `write`, where `wantsWrite`; notes whose they are. */
export class PersonDemand extends TokenJudge {
  wantsWrite = false;
  refusesAll = false;
  /** Whose calls passed, in turn. */
  readonly callers: string[] = [];
  /** What was refused. */
  readonly refused: (string | undefined)[] = [];

  readonly guard = async (exchange: Exchange): Promise<boolean> => {
    const { authorization } = exchange.headers;
    const who = this.refusesAll ? undefined : await this.judge(authorization);
    const metadata = `resource_metadata="${new URL('/.well-known/oauth-protected-resource', this.audience).href}"`;
    if (!who) {
      this.refused.push(authorization);
      exchange.send(401, 'no', { 'www-authenticate': `Bearer ${metadata}, scope="read"` });
      return false;
    }
    const isCall = exchange.message.method === 'tools/call';
    if (isCall && this.wantsWrite && !who.scope.split(' ').includes('write')) {
      exchange.send(403, 'more', { 'www-authenticate': `Bearer error="insufficient_scope", scope="write", ${metadata}` });
      return false;
    }
    if (isCall) this.callers.push(who.sub);
    return true;
  };

  private readonly issuerUrl: string;

  /** Is what this server demands, and says so in its metadata. */
  of(server: RawMcpServer): void {
    this.audience = server.url;
    server.elsewhere = (exchange) => {
      const isMetadata = exchange.request.url?.startsWith('/.well-known/oauth-protected-resource');
      if (!isMetadata) return exchange.send(404);
      exchange.json(200, { resource: this.audience, authorization_servers: [this.issuerUrl], scopes_supported: ['read'] });
    };
  }

  constructor(issuer: string) {
    super(issuer);
    this.issuerUrl = issuer;
  }
}
