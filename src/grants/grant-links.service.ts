import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { setNewest } from '../cache/set-newest.js';
import { SETTINGS, type Settings } from '../config/settings.js';
import type { Principal } from '../correlation/principal.js';
import { GrantStore } from './grant-store.service.js';
import { USERS_MS } from './grants.service.js';
import { ownerOf } from './owner.js';
import { PublicAddress } from './public-address.service.js';

/** What a link stands for: one user's authorization of one server. */
export interface GrantLink {
  readonly server: string;
  readonly owner: string;
  /** As the user knows themselves. */
  readonly account: string;
  readonly email: string | undefined;
  /** The subject at OIDC_ISSUER, where the user is known by a token of it. */
  readonly subject: string | undefined;
}

/** A link that ends sooner is not given out again. */
const AHEAD_MS = USERS_MS / 2;
const MAX_REMEMBERED = 10_000;

/** Links by which users authorize servers for themselves: each for one user and one server, good once, for ten minutes. */
@Injectable()
export class GrantLinks {
  /** By server and owner, so that many refused calls make one. */
  private readonly given = new Map<string, { readonly id: string; readonly until: number }>();

  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'signIn' | 'allowGrantByLink'>,
    private readonly store: GrantStore,
    private readonly address: PublicAddress,
  ) {}

  /** Whether who opens a link can be confirmed to be the user that it is for, or need not be. */
  get isPossible(): boolean {
    return this.settings.signIn !== undefined || this.settings.allowGrantByLink;
  }

  /** Where the caller has to go; undefined for one who is not known, and where links are not possible. */
  async linkFor(server: string, principal: Principal): Promise<string | undefined> {
    const owner = ownerOf(principal);
    if (owner === undefined || !this.isPossible) return undefined;
    const key = JSON.stringify([server, owner]);
    const known = this.given.get(key);
    if (known && known.until - AHEAD_MS > performance.now() && (await this.peek(known.id))) return this.urlOf(known.id);
    const { id: subject, name, email, via } = principal;
    const link: GrantLink = { server, owner, account: email ?? name ?? subject, email, subject: via === 'jwt' ? subject : undefined };
    // Without `_`, which is escaped where a chat shows the link as Markdown: the link would lead nowhere.
    const id = randomBytes(32).toString('base64url').replaceAll('_', '-');
    await this.store.set('begun', ['link', id], link, USERS_MS);
    setNewest(this.given, key, { id, until: performance.now() + USERS_MS }, MAX_REMEMBERED);
    return this.urlOf(id);
  }

  /** What a link stands for, as long as nobody has gone on from it. */
  peek(id: string): Promise<GrantLink | undefined> {
    return this.store.get<GrantLink>('begun', ['link', id]);
  }

  /** The same, for whoever goes on from it first. */
  take(id: string): Promise<GrantLink | undefined> {
    return this.store.take<GrantLink>('begun', ['link', id]);
  }

  private urlOf(id: string): string {
    return this.address.of(`/oauth/authorize/${id}`);
  }
}
