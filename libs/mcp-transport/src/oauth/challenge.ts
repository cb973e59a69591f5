import type { IncomingHttpHeaders } from 'node:http';
import { extractWWWAuthenticateParams } from '@modelcontextprotocol/client';
import type { Challenge } from './grant-record.js';

/** Longer than any scopes that a person could read. */
const MAX_SCOPE_LENGTH = 2_000;

/** What an answer says of the token that it wants (RFC 6750 3, RFC 9728 5.1). */
export function challengeOf(status: number, { 'www-authenticate': said }: IncomingHttpHeaders): Challenge {
  if (typeof said !== 'string') return { resourceMetadataUrl: undefined, scope: undefined, wantsMore: false };
  const { resourceMetadataUrl, scope, error } = extractWWWAuthenticateParams(new Response(null, { headers: { 'www-authenticate': said } }));
  return {
    resourceMetadataUrl: resourceMetadataUrl?.href,
    scope: scope !== undefined && scope.length <= MAX_SCOPE_LENGTH ? scope : undefined,
    wantsMore: status === 403 && error === 'insufficient_scope',
  };
}
