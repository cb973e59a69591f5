import type { Principal } from '../correlation/principal.js';

/** Whose grant it is: of whoever runs the gateway, for all callers, or of one caller. */
export const OPERATOR = 'operator';

/** The caller's own; undefined for one who is not known. Users behind different keys may have the same id. */
export function ownerOf({ via, id, key }: Pick<Principal, 'via' | 'id' | 'key'>): string | undefined {
  return via === 'anonymous' ? undefined : JSON.stringify([via, key?.name ?? null, id]);
}
