import type { Principal } from '../../../correlation/principal.js';

/** Who it is, for sessions; of strangers all are the same, and the ids of their sessions tell them apart. */
export function principalName({ via, id, role, groups, key }: Principal): string {
  return JSON.stringify([via, id, role, groups, key?.name]);
}
