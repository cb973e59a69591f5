import { GatewayException } from '../errors/gateway.exception.js';

/** The same for a missing, a wrong and a malformed key. */
export function authenticationFailed(): GatewayException {
  const message = 'Authentication failed: send a valid API key as "Authorization: Bearer KEY".';
  return new GatewayException(401, { type: 'authentication_error', message }, { 'WWW-Authenticate': 'Bearer' });
}
