import { GatewayException } from '../errors/gateway.exception.js';

/** The same whatever is missing or wrong. */
export function authenticationFailed(): GatewayException {
  const message = 'Authentication failed: send a valid API key or token as "Authorization: Bearer ...".';
  return new GatewayException(401, { type: 'authentication_error', message }, { 'WWW-Authenticate': 'Bearer' });
}
