import type { Caller } from '../correlation/caller.js';
import { clientKey } from './client-key.js';

/** What clients hold, by client, in the order of `all`: first that of who has most. */
export function byClient<T extends { readonly caller: Pick<Caller, 'principal' | 'address'> }>(
  all: Iterable<T>,
): readonly (readonly T[])[] {
  const grouped = Map.groupBy(all, ({ caller: { principal, address } }) => clientKey({ principal, clientAddress: address }));
  return [...grouped.values()].sort((one, other) => other.length - one.length);
}
