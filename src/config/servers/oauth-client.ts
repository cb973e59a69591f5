import type { OAuthClientSettings } from '@app/mcp-transport';
import type { EntryNotes } from './entry-notes.js';
import type { ServerEntry } from './server-entry.js';
import { signingKeyOf } from './signing-key.js';

type Expand = (text: string, at: readonly (string | number)[]) => string | undefined;
type OAuthEntry = NonNullable<ServerEntry['oauth']>;

/** How access tokens for an entry's server are had, its references expanded; undefined for one without. */
export function oauthClientOf({ oauth, headers }: ServerEntry, expand: Expand, notes: EntryNotes): OAuthClientSettings | undefined {
  if (oauth === undefined) return undefined;
  if (Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'authorization'))
    notes.problem(['oauth'], 'there is an Authorization in headers; keep one of both');
  const value = (key: string, text: string | undefined) => (text === undefined ? undefined : expand(text, ['oauth', key]));
  const { scope, resource, authentication, allowPrivateAddresses = false } = oauth;
  const all = {
    issuer: secureUrl('issuer', value('issuer', oauth.issuer), notes),
    scope: value('scope', scope),
    resource: resource === false ? (false as const) : value('resource', resource),
    authentication,
    allowPrivateAddresses,
  };
  return oauth.grant === 'client_credentials' ? { ...all, ...ofClient(oauth, value, notes) } : { ...all, ...ofPerson(oauth, value, notes) };
}

type Value = (key: string, text: string | undefined) => string | undefined;

function ofClient(oauth: OAuthEntry, value: Value, notes: EntryNotes) {
  const { clientId, clientSecret, privateKey, authentication } = oauth;
  if (clientId === undefined) notes.problem(['oauth'], 'needs clientId');
  if (clientSecret === undefined && privateKey === undefined) notes.problem(['oauth'], 'needs clientSecret, or privateKey');
  if (clientSecret !== undefined && privateKey !== undefined)
    notes.problem(['oauth', 'privateKey'], 'there is clientSecret, too; keep one of both');
  if (authentication !== undefined && privateKey !== undefined) notes.problem(['oauth', 'authentication'], 'is for clientSecret');
  if (oauth.per !== undefined) notes.problem(['oauth', 'per'], 'is for the grants of people, not for client_credentials');
  if (oauth.tokenUrl === undefined && oauth.issuer === undefined)
    notes.warning(['oauth'], 'the server decides where the secret of its client is sent; say "issuer" or "tokenUrl"');
  return {
    kind: 'client_credentials' as const,
    clientId: value('clientId', clientId) ?? '',
    clientSecret: value('clientSecret', clientSecret),
    privateKey: signingKeyOf(value('privateKey', privateKey), notes),
    tokenUrl: secureUrl('tokenUrl', value('tokenUrl', oauth.tokenUrl), notes),
  };
}

/** mcpo's block, and ours. */
function ofPerson(oauth: OAuthEntry, value: Value, notes: EntryNotes) {
  const { clientId, clientSecret, clientMetadataUrl, per = 'operator' } = oauth;
  for (const key of ['tokenUrl', 'privateKey'] as const)
    if (oauth[key] !== undefined) notes.problem(['oauth', key], 'is for "grant": "client_credentials"');
  if (clientSecret !== undefined && clientId === undefined) notes.problem(['oauth'], 'needs clientId with clientSecret');
  if (clientMetadataUrl !== undefined && URL.parse(clientMetadataUrl)?.protocol !== 'https:')
    notes.problem(['oauth', 'clientMetadataUrl'], 'must be an https:// URL');
  return {
    kind: 'person' as const,
    per,
    clientId: value('clientId', clientId),
    clientSecret: value('clientSecret', clientSecret),
    clientMetadataUrl,
    clientMetadata: oauth.client_metadata ?? {},
    redirectUrl: per === 'user' ? undefined : redirectUrlOf(oauth),
    usesLoopback: oauth.use_loopback ?? true,
    serverUrl: isPlace(oauth.server_url) ? oauth.server_url : undefined,
    isKept: oauth.storage_type !== 'memory',
  };
}

/** Where mcpo listens unless it is told otherwise. */
const MCPOS_PORT = 3030;

/** Where mcpo has the browser come back to, if anything is said of it: what the client's metadata say stands before the port. */
function redirectUrlOf({ client_metadata: metadata, callback_port: port, use_loopback: usesLoopback }: OAuthEntry): string | undefined {
  const written: unknown = Array.isArray(metadata?.['redirect_uris']) ? metadata['redirect_uris'][0] : undefined;
  if (isPlace(written)) return written;
  if (usesLoopback === false || (port === undefined && !usesLoopback)) return undefined;
  return `http://localhost:${port ?? MCPOS_PORT}/callback`;
}

function isPlace(written: unknown): written is string {
  return typeof written === 'string' && /^https?:$/.test(URL.parse(written)?.protocol ?? '');
}

/** Secrets go there (MCP 2026-07-28 basic/authorization "Communication Security"). */
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
