import { clientNetwork } from '../correlation/client-network.js';
import type { RequestContext } from '../correlation/request-context.js';

/** Whose share a call is of: the user where known, else the key, else the address: an IPv6 one by its network, of which a caller has all addresses. */
export function clientKey({ principal, clientAddress }: Pick<RequestContext, 'principal' | 'clientAddress'>): string {
  const { via, id, key } = principal;
  // Users behind different keys may have the same id.
  if (key) return `key:${key.name}:${id}`;
  if (via !== 'anonymous') return `${via}:${id}`;
  return `address:${clientNetwork(clientAddress)}`;
}
