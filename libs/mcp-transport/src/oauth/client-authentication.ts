import { type AddClientAuthentication, selectClientAuthMethod, type StoredOAuthClientInformation } from '@modelcontextprotocol/client';

/** How a client says at a token endpoint who it is: by the SDK's choice of method, but form-encoded where that is HTTP Basic (RFC 6749 2.3.1). */
export function clientAuthentication(client: StoredOAuthClientInformation): AddClientAuthentication {
  return (headers, params, _, metadata) => authenticate(client, metadata?.token_endpoint_auth_methods_supported ?? [], headers, params);
}

/** The same for any endpoint that takes one of `methods`, where it says which. */
export function authenticate(
  client: StoredOAuthClientInformation,
  methods: readonly string[],
  headers: Headers,
  params: URLSearchParams,
): void {
  const { client_id: id, client_secret: secret } = client;
  const method = selectClientAuthMethod(client, [...methods]);
  if (method === 'client_secret_basic' && secret) return headers.set('authorization', basic(id, secret));
  params.set('client_id', id);
  if (method !== 'none' && secret) params.set('client_secret', secret);
}

/** What the SDK leaves out: many servers decode it, and take `%` and `+` in a secret for something else. */
function basic(id: string, secret: string): string {
  return `Basic ${btoa(`${formEncoded(id)}:${formEncoded(secret)}`)}`;
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
