import type { OAuthClientSettings } from '@app/mcp-transport';
import type { EntryNotes } from './entry-notes.js';
import type { ServerEntry } from './server-entry.js';

type Expand = (text: string, at: readonly (string | number)[]) => string | undefined;

/** An entry's client of an authorization server, its references expanded; undefined for one without, and for mcpo's settings. */
export function oauthClientOf({ oauth, headers }: ServerEntry, expand: Expand, notes: EntryNotes): OAuthClientSettings | undefined {
  if (oauth?.grant === undefined) return undefined;
  const { tokenUrl, issuer, clientId, clientSecret, scope, resource, authentication, allowPrivateAddresses = false } = oauth;
  const value = (key: string, text: string | undefined) => (text === undefined ? undefined : expand(text, ['oauth', key]));
  const needed = (key: string, text: string | undefined) => {
    if (text === undefined) notes.problem(['oauth'], `needs ${key}`);
    return value(key, text) ?? '';
  };
  if (Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'authorization'))
    notes.problem(['oauth'], 'there is an Authorization in headers; keep one of both');
  if (tokenUrl === undefined && issuer === undefined)
    notes.warning(['oauth'], 'the server decides where the secret of its client is sent; say "issuer" or "tokenUrl"');
  return {
    clientId: needed('clientId', clientId),
    clientSecret: needed('clientSecret', clientSecret),
    tokenUrl: secureUrl('tokenUrl', value('tokenUrl', tokenUrl), notes),
    issuer: secureUrl('issuer', value('issuer', issuer), notes),
    scope: value('scope', scope),
    resource: resource === false ? false : value('resource', resource),
    authentication,
    allowPrivateAddresses,
  };
}

/** The secret goes there (MCP 2026-07-28 basic/authorization "Communication Security"). */
function secureUrl(key: string, given: string | undefined, notes: EntryNotes): string | undefined {
  if (given === undefined) return undefined;
  const url = URL.parse(given);
  const isSecure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isThisMachine(url.hostname));
  if (!url || !isSecure || url.username !== '' || url.password !== '')
    notes.problem(['oauth', key], 'must be an https:// URL without user, or an http:// URL of this machine');
  return given;
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '127.0.0.1' || host === '[::1]';
}
