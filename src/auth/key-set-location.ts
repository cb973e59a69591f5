import type { IssuerSettings } from '../config/settings.js';
import { readJson } from './read-json.js';

/** Where an issuer's keys are: as set, or as its discovery document says (OpenID Connect Discovery 1.0, 4). Throws a sentence. */
export async function keySetLocation({ name, jwksUrl, proxies }: IssuerSettings): Promise<URL> {
  if (jwksUrl) return jwksUrl;
  const at = new URL(`${name.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const { issuer, jwks_uri } = ((await readJson(at, proxies)) ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
  if (issuer !== name)
    throw new Error('the discovery document names another issuer than OIDC_ISSUER, which must be the same to the letter');
  const location = typeof jwks_uri === 'string' ? URL.parse(jwks_uri) : null;
  const isGood = location && (location.protocol === 'https:' || location.protocol === at.protocol);
  if (!isGood) throw new Error('the discovery document names no jwks_uri of the same protocol');
  return location;
}
