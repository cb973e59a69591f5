import { timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../config/settings.js';
import type { Principal } from '../correlation/principal.js';

interface KnownKey {
  readonly digest: Buffer;
  readonly principal: Principal;
}

/** Callers by the digests of their keys. */
export class ApiKeys {
  private readonly known: readonly KnownKey[];

  constructor(keys: readonly ApiKey[]) {
    this.known = keys.map((key) => ({ digest: Buffer.from(key.sha256, 'hex'), principal: holderOf(key) }));
  }

  /** Whose key has this SHA-256. Looks at every key, so that the time tells nothing about where a match was. */
  holder(digest: Buffer): Principal | undefined {
    let found: Principal | undefined;
    for (const key of this.known) if (timingSafeEqual(key.digest, digest)) found = key.principal;
    return found;
  }
}

function holderOf({ name, role, groups, servers, tools, rateLimit, trustUserHeaders }: ApiKey): Principal {
  const key = { name, servers, tools, rateLimit, trustUserHeaders };
  return { id: name, name: undefined, email: undefined, role, groups, via: 'key', key };
}
