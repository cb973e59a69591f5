import {
  AuthorizationServerMismatchError,
  InsecureTokenEndpointError,
  IssuerMismatchError,
  OAuthError,
  RegistrationRejectedError,
} from '@modelcontextprotocol/client';
import { causeOf, isNetworkError } from '../network-error.js';
import { TokenError } from './token-error.js';

/** What went wrong with an authorization server, in words of ours: nothing that it wrote is repeated but codes. */
export function toTokenError(error: unknown): TokenError {
  if (error instanceof TokenError) return error;
  if (error instanceof InsecureTokenEndpointError)
    return new TokenError('the token endpoint is neither https nor of this machine: the secret is not sent there.', true);
  if (error instanceof IssuerMismatchError)
    return new TokenError(
      error.kind === 'metadata'
        ? 'the metadata of the authorization server are those of another one.'
        : 'the answer came from another authorization server than was asked.',
      true,
    );
  if (error instanceof AuthorizationServerMismatchError)
    return new TokenError('the MCP server names another authorization server than before; authorize again.', true);
  if (error instanceof RegistrationRejectedError)
    return new TokenError(`the authorization server registers no client (HTTP ${error.status}); say "clientId" in oauth.`, true);
  if (error instanceof OAuthError) return refusal(error.code);
  const { name, message } = error as { name?: unknown; message?: unknown };
  if (name === 'TimeoutError') return new TokenError('the authorization server does not answer in time.');
  if (isNetworkError(error)) return new TokenError(`the authorization server cannot be reached (${causeOf(error)}).`);
  const own = typeof message === 'string' ? SDK_WORDS.find(([pattern]) => pattern.test(message)) : undefined;
  return own ? new TokenError(own[1], true) : new TokenError('what the authorization server answered cannot be read.');
}

/** What the SDK finds wanting, which has no class of its own. */
const SDK_WORDS: readonly (readonly [RegExp, string])[] = [
  [/does not support dynamic client registration/, 'the authorization server registers no clients; say "clientId" in oauth.'],
  [/does not support (?:response type|code challenge method)/, 'the authorization server has no authorization code with PKCE S256.'],
  [/^Protected resource .* does not match/, 'the resource metadata of the MCP server is that of another one.'],
];

/** RFC 6749 5.2; its words are the server's, so only codes that look like some are repeated. */
function refusal(code: string): TokenError {
  const isFault = code === 'server_error' || code === 'temporarily_unavailable';
  return new TokenError(`the authorization server ${isFault ? 'failed' : 'refuses the client'} (${shownCode(code)}).`, !isFault);
}

/** An error code as it may be shown. */
export function shownCode(code: string): string {
  return /^[a-z_]{1,40}$/.test(code) ? code : 'error';
}
