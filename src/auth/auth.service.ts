import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { ANONYMOUS, type Principal } from '../correlation/principal.js';

interface KnownKey {
  readonly digest: Buffer;
  readonly principal: Principal;
}

/** Finds out who calls. Without API_KEYS everybody is anonymous and welcome. */
@Injectable()
export class AuthService {
  private readonly keys: readonly KnownKey[];

  constructor(@Inject(SETTINGS) { apiKeys }: Settings) {
    this.keys = apiKeys.map(({ name, key }) => ({ digest: digestOf(key), principal: { id: name, role: 'user' } }));
  }

  /** The principal that an Authorization header stands for; undefined if it stands for none. */
  authenticate(authorization: string | undefined): Principal | undefined {
    if (this.keys.length === 0) return ANONYMOUS;
    const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    return token === undefined ? undefined : this.principalOf(digestOf(token));
  }

  /** Looks at every key, so that the time tells nothing about where a match was. */
  private principalOf(digest: Buffer): Principal | undefined {
    let found: Principal | undefined;
    for (const key of this.keys) if (timingSafeEqual(key.digest, digest)) found = key.principal;
    return found;
  }
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
