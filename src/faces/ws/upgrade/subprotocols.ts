import { badRequest } from '../../../errors/gateway-errors.js';

/** What the gateway speaks; a client that offers subprotocols offers this one among them. */
export const SUBPROTOCOL = 'mcpo.v1';

/** In front of a key or token in base64url: browsers can send no header with a WebSocket, and subprotocols hold no other characters. */
const KEY_PREFIX = 'mcpo.key.';

/** The key among a client's subprotocols, as `Authorization` has it; undefined without one. Throws a 400 for what cannot be meant. */
export function authorizationOf(offered: string | undefined): string | undefined {
  const protocols = offered?.split(',').map((protocol) => protocol.trim()) ?? [];
  const keys = protocols.filter((protocol) => protocol.startsWith(KEY_PREFIX));
  if (keys.length > 1) throw badRequest('validation_error', `Offer one subprotocol ${KEY_PREFIX}..., not several.`);
  // The answer names one of those that were offered, and the key must not be it.
  if (protocols.length > 0 && !protocols.includes(SUBPROTOCOL))
    throw badRequest('validation_error', `Offer the subprotocol ${SUBPROTOCOL}, or none.`);
  return keys[0] === undefined ? undefined : `Bearer ${decoded(keys[0].slice(KEY_PREFIX.length))}`;
}

/** A header is made of it: what could end one stays out. */
function decoded(key: string): string {
  const text = Buffer.from(key, 'base64url').toString();
  if (/^[\x21-\x7e]+$/.test(text) && Buffer.from(text).toString('base64url') === key.replace(/=+$/, '')) return text;
  throw badRequest('validation_error', `After ${KEY_PREFIX} comes the key in base64url.`);
}
