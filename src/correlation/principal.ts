import { perTool } from '@app/mcp-openapi';
import type { KeyRights } from '../config/settings.js';

/** By what a caller is known. */
type Via = 'anonymous' | 'key' | 'jwt' | 'session';

/** Who calls, as every face knows them. */
export interface Principal {
  /** Unique among those who are known by the same means and, where there is one, the same key. */
  readonly id: string;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly role: string;
  readonly groups: readonly string[];
  readonly via: Via;
  /** The key that the call came with; undefined without one. */
  readonly key: KeyRights | undefined;
}

/** A caller who showed no credentials. */
export const ANONYMOUS: Principal = Object.freeze({
  id: 'anonymous',
  name: undefined,
  email: undefined,
  role: 'anonymous',
  groups: [],
  via: 'anonymous',
  key: undefined,
});

/** Who it is, for sessions, which are bound to that; of strangers all are the same, and what their sessions are called tells them apart. */
export const principalName = perTool<Principal, string>(({ via, id, role, groups, key }) =>
  JSON.stringify([via, id, role, groups, key?.name]),
);
