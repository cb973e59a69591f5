import type { ProxySettings } from '@app/mcp-transport';
import { isLoopback } from '../network/own-hosts.js';
import type { Environment } from '../environment.js';
import type { IssuerSettings, TokenSettings } from '../settings.js';

/** A shorter secret is found by trying: whoever holds one token can try offline. Open WebUI makes itself one of 16. */
const MIN_SECRET_LENGTH = 16;

/** Tokens as settings, and what is odd about them. */
interface ReadTokens {
  readonly tokens: TokenSettings;
  readonly warnings: readonly string[];
}

/** Whose tokens are taken beside keys. What is wrong or missing goes to `problems`, never with a value. */
export function readTokens(env: Environment, problems: string[], proxies: ProxySettings | undefined): ReadTokens {
  const issuer = readIssuer(env, problems, proxies);
  const tokens = {
    issuer,
    sessionSecret: secretOf('OPENWEBUI_SECRET_KEY', env.OPENWEBUI_SECRET_KEY, problems),
    userSecret: secretOf('FORWARD_USER_INFO_HEADER_JWT_SECRET', env.FORWARD_USER_INFO_HEADER_JWT_SECRET?.trim(), problems),
  };
  return { tokens, warnings: issuer ? plainHttp(env) : [] };
}

function readIssuer(env: Environment, problems: string[], proxies: ProxySettings | undefined): IssuerSettings | undefined {
  const { OIDC_ISSUER, JWKS_URL, JWT_ISSUER, JWT_AUDIENCE: audiences, JWT_ROLE_CLAIM: roleClaim, GROUPS_CLAIM: groupsClaim } = env;
  if (problems.some((problem) => /^(?:OIDC_ISSUER|JWKS_URL): /.test(problem))) return undefined;
  const before = problems.length;
  problems.push(...issuerProblems(env));
  const name = OIDC_ISSUER ?? JWT_ISSUER;
  if (problems.length > before || name === undefined) return undefined;
  return { name, jwksUrl: JWKS_URL, audiences, roleClaim, groupsClaim, ...(proxies && { proxies }) };
}

function issuerProblems({ OIDC_ISSUER, JWKS_URL, JWT_ISSUER, JWT_AUDIENCE }: Environment): string[] {
  if (OIDC_ISSUER !== undefined && (JWKS_URL !== undefined || JWT_ISSUER !== undefined))
    return ['OIDC_ISSUER: names the issuer and finds its keys; give it alone, or JWKS_URL and JWT_ISSUER in its place'];
  if (OIDC_ISSUER === undefined && JWKS_URL === undefined)
    return JWT_ISSUER !== undefined || JWT_AUDIENCE.length > 0
      ? ['JWKS_URL: is missing, or OIDC_ISSUER in its place; without keys no token can be verified']
      : [];
  const missing: string[] = [];
  if (JWKS_URL !== undefined && JWT_ISSUER === undefined)
    missing.push('JWT_ISSUER: is missing; without it tokens of whoever else shares the keys of JWKS_URL would be taken');
  if (JWT_AUDIENCE.length === 0)
    missing.push('JWT_AUDIENCE: is missing; without it tokens that were issued for other services would be taken');
  return missing;
}

function secretOf(name: string, secret: string | undefined, problems: string[]): string | undefined {
  if (secret === undefined || secret.length >= MIN_SECRET_LENGTH) return secret;
  problems.push(`${name}: must have ${MIN_SECRET_LENGTH} or more characters; give Open WebUI a longer one, too`);
  return undefined;
}

function plainHttp({ OIDC_ISSUER, JWKS_URL }: Environment): string[] {
  const { protocol, hostname } = new URL(JWKS_URL ?? (OIDC_ISSUER as string));
  if (protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''))) return [];
  return [`${JWKS_URL ? 'JWKS_URL' : 'OIDC_ISSUER'}: is read over http://; whoever can change that traffic can issue tokens`];
}
