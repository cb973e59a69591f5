import type { CryptoKey, JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import { GatewayException } from '../errors/gateway.exception.js';
import type { AuthFailure } from '../metrics/security-events.js';

/** Clocks of issuer and gateway may be so far apart. */
const CLOCK_TOLERANCE_SECONDS = 30;

/** How one source of tokens is judged: its algorithms and its keys, whatever a token says of itself. */
export interface JwtRules extends Pick<JWTVerifyOptions, 'issuer' | 'audience' | 'requiredClaims'> {
  readonly algorithms: string[];
  readonly keyOf: JWTVerifyGetKey;
}

/** `jose`, loaded by the first token. */
export function loadJose(): Promise<typeof import('jose')> {
  return import('jose');
}

/** The claims of a JWT whose signature, times, issuer and audience are right, or what is not (RFC 7519 7.2). Rejects with what `keyOf` says while it has no keys. */
export async function verifyJwt(token: string, { keyOf, ...rules }: JwtRules): Promise<JWTPayload | AuthFailure> {
  const { errors, jwtVerify } = await loadJose();
  try {
    return (await jwtVerify(token, keyOf, { ...rules, clockTolerance: CLOCK_TOLERANCE_SECONDS })).payload;
  } catch (error) {
    if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) return claimFailure(error.claim);
    if (error instanceof errors.JOSEAlgNotAllowed) return 'auth_algorithm';
    if (error instanceof errors.JWTInvalid) return 'auth_claims';
    // That there are no keys to judge by says nothing of the token; a key of no use, which nobody foresees all forms of, does.
    if (error instanceof GatewayException) throw error;
    return 'auth_signature';
  }
}

function claimFailure(claim: string): AuthFailure {
  return OF_CLAIM[claim] ?? 'auth_claims';
}

const OF_CLAIM: Readonly<Record<string, AuthFailure>> = { exp: 'auth_expired', iss: 'auth_issuer', aud: 'auth_audience' };

/** The algorithm that a token names; undefined for what is no JWT. To choose whose rules judge it, not how. */
export function algorithmOf(token: string): string | undefined {
  if (!COMPACT.test(token)) return undefined;
  try {
    const header = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString()) as { alg?: unknown } | null;
    return typeof header?.alg === 'string' ? header.alg : undefined;
  } catch {
    return undefined;
  }
}

/** Three parts in base64url (RFC 7515 7.1); an unsigned one has an empty third. */
const COMPACT = /^[\w-]+\.[\w-]*\.[\w-]*$/;

/** A claim that is a text and fit for logs and lists; undefined for anything else. */
export function textClaim(claims: JWTPayload, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' && isFit(value) ? value : undefined;
}

/** The texts of a claim that is one or a list of them, as far as they are fit for names; none for anything else. */
export function textsClaim(claims: JWTPayload, name: string): string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  const said: readonly unknown[] = Array.isArray(value) ? value : [value];
  return said.filter((each): each is string => typeof each === 'string' && isFit(each));
}

/** Longest id, name, email, role or group of a user. */
const MAX_LENGTH = 256;

/** Whether a text can name a user: not empty, not endless, no control characters. */
export function isFit(text: string): boolean {
  return text !== '' && text.length <= MAX_LENGTH && !/\p{Cc}/u.test(text);
}

/** The key of a secret, for HS256; made once, which halves the cost of each token. */
export function secretKey(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', Buffer.from(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}
