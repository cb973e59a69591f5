import { hash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import {
  Authorization,
  type Challenge,
  type ClientRegistration,
  type GrantClient,
  type GrantKeeper,
  type GrantRecord,
  type PendingAuthorization,
  TokenError,
} from '@app/mcp-transport';
import { RedisEvents } from '../redis/redis-events.service.js';
import { Redis } from '../redis/redis.service.js';
import { type GrantedServer, partsOf, settingsOf } from './granted-server.js';
import { GrantStore } from './grant-store.service.js';
import { OPERATOR } from './owner.js';
import { PublicAddress } from './public-address.service.js';

/** How long an operator's link is good: it stands in a log. */
const OPERATORS_MS = 60 * 60_000;
/** A link that ends sooner is not given out again. */
const AHEAD_MS = 10 * 60_000;
/** How long a user may take at the authorization server. */
export const USERS_MS = 10 * 60_000;

/** A grant, and whose it is. */
export interface KeptGrant {
  readonly server: string;
  readonly owner: string;
  readonly record: GrantRecord;
}

/** What was begun, found by the `state` with which the browser comes back. */
export interface BegunGrant {
  readonly server: string;
  readonly url: string;
  readonly owner: string;
  readonly pending: PendingAuthorization;
  /** SHA-256 of what the browser holds that began it; undefined for an operator's, which any browser may end. */
  readonly browser: string | undefined;
}

interface OperatorsLink {
  readonly url: string;
  readonly until: number;
  readonly scope: string | undefined;
  /** Of the server as it was then. */
  readonly settings: string;
}

interface GrantEvents {
  /** Something was granted, refused or taken back: of a server, for an owner. */
  changed: [server: string, owner: string];
  /** An operator's authorization was begun. */
  asked: [server: GrantedServer];
}

/** What people grant: kept, renewed by whoever uses it, asked for where it is missing. */
@Injectable()
export class Grants extends EventEmitter<GrantEvents> implements OnModuleDestroy {
  private readonly logger = new Logger('grants');
  /** What operators have to open, by server. */
  private readonly links = new Map<string, OperatorsLink>();
  /** By server: as it is configured now. */
  private readonly authorizations = new Map<string, { readonly settings: string; readonly authorization: Authorization }>();

  constructor(
    private readonly store: GrantStore,
    private readonly address: PublicAddress,
    private readonly redis: Redis,
    private readonly events: RedisEvents,
  ) {
    super();
    this.setMaxListeners(0);
    events.on('grant', (what) => {
      const told = this.store.openMessage(what);
      if (told) this.noteChange(...told);
    });
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.authorizations.values()].map(({ authorization }) => authorization.close()));
  }

  /** What one owner's tokens for a server are kept in. */
  keeperOf(server: GrantedServer, owner: string): GrantKeeper {
    const { isKept } = server.oauth;
    const parts = partsOf(server, owner);
    return {
      isShared: isKept && this.store.isShared,
      load: async () => (await this.store.get<KeptGrant>('kept', parts, isKept))?.record,
      save: (record) => this.keep(server, owner, record),
      forget: () => this.drop(server, owner),
      exclusively: (work) => this.store.exclusively(parts, work, isKept),
      ask: (challenge, known) => this.ask(server, owner, challenge, known),
    };
  }

  load(server: GrantedServer, owner: string): Promise<KeptGrant | undefined> {
    return this.store.get<KeptGrant>('kept', partsOf(server, owner), server.oauth.isKept);
  }

  /** Of everybody. */
  async all(): Promise<KeptGrant[]> {
    return (await this.store.all<Partial<KeptGrant>>()).filter((kept): kept is KeptGrant => kept.record !== undefined);
  }

  /** Where whoever runs the gateway has to go, for a server that waits for it. */
  linkOf(server: string): string | undefined {
    const link = this.links.get(server);
    return link && link.until > performance.now() ? link.url : undefined;
  }

  /** Where a browser has to go; it comes back with a `state` that stands for what is kept of it until then. */
  async begin(server: GrantedServer, owner: string, challenge: Challenge, browser?: string, known?: GrantRecord): Promise<string> {
    const state = randomBytes(32).toString('base64url');
    const registrationParts = [...partsOf(server, 'registration'), this.clientOf(server).redirectUrl];
    const registration = await this.store.get<ClientRegistration>('kept', registrationParts, server.oauth.isKept);
    const { scope } = known ?? (await this.load(server, owner))?.record ?? {};
    const { url, pending } = await this.authorizationOf(server).begin(this.clientOf(server), state, challenge, { registration, scope });
    await this.store.set('kept', registrationParts, pending.client, undefined, server.oauth.isKept);
    const begun: BegunGrant = { server: server.name, url: server.url.href, owner, pending, browser: browser && digestOf(browser) };
    await this.store.set('begun', ['state', state], begun, owner === OPERATOR ? OPERATORS_MS : USERS_MS);
    return url;
  }

  /** What the server last said that it wants of an owner. */
  async challengeFor(server: GrantedServer, owner: string): Promise<Challenge> {
    const said = await this.store.get<Challenge>('begun', ['challenge', ...partsOf(server, owner)]);
    return said ?? { resourceMetadataUrl: undefined, scope: undefined, wantsMore: false };
  }

  /** What was begun with this `state`, once; undefined for one that is unknown, used or too old. */
  begun(state: string): Promise<BegunGrant | undefined> {
    return this.store.take<BegunGrant>('begun', ['state', state]);
  }

  /** Takes what the person granted. Throws a TokenError. */
  async finish(server: GrantedServer, begun: BegunGrant, query: URLSearchParams): Promise<void> {
    if (begun.url !== server.url.href) throw new TokenError('the server has another address now; ask again.', true);
    const record = await this.authorizationOf(server).finish(begun.pending, query);
    await this.keep(server, begun.owner, record);
    this.logger.log({ msg: 'authorized', upstream: server.name, by: begun.owner === OPERATOR ? OPERATOR : 'user' });
    await this.tell(server.name, begun.owner);
  }

  /** Takes a grant back at the authorization server, where it can be, and forgets it; undefined where there is none. */
  async revoke(server: GrantedServer, owner: string): Promise<{ readonly isRevoked: boolean } | undefined> {
    const kept = await this.load(server, owner);
    if (!kept) return undefined;
    await this.drop(server, owner);
    const isRevoked = await this.authorizationOf(server).revoke(kept.record);
    this.logger.log({
      msg: 'authorization taken back',
      upstream: server.name,
      by: owner === OPERATOR ? OPERATOR : 'user',
      revoked: isRevoked,
    });
    return { isRevoked };
  }

  /** Forgets how servers that are none of these any more were authorized, and their links; what was granted is kept for their return. */
  keepOnly(names: readonly string[]): void {
    for (const name of [...this.authorizations.keys(), ...this.links.keys()].filter((each) => !names.includes(each))) {
      void this.authorizations.get(name)?.authorization.close();
      this.authorizations.delete(name);
      this.links.delete(name);
    }
  }

  /** For how many servers something of authorizations is in memory. */
  get size(): number {
    return Math.max(this.authorizations.size, this.links.size);
  }

  /** How the gateway is known to authorization servers. */
  clientOf({ oauth }: GrantedServer): GrantClient {
    const metadataUrl = this.address.isSecure ? this.address.of('/oauth/client.json') : undefined;
    if (oauth.redirectUrl !== undefined) return { redirectUrl: oauth.redirectUrl, metadataUrl: undefined };
    return { redirectUrl: this.address.of('/oauth/callback'), metadataUrl };
  }

  private async keep(server: GrantedServer, owner: string, record: GrantRecord): Promise<void> {
    const kept: KeptGrant = { server: server.name, owner, record };
    await this.store.set('kept', partsOf(server, owner), kept, undefined, server.oauth.isKept);
  }

  private async drop(server: GrantedServer, owner: string): Promise<void> {
    await this.store.delete('kept', partsOf(server, owner), server.oauth.isKept);
    await this.tell(server.name, owner);
  }

  /** It came to nothing, and its `state` is used up: who has to authorize gets another link. */
  failed({ server, owner }: BegunGrant): Promise<void> {
    return this.tell(server, owner);
  }

  private noteChange(server: string, owner: string): void {
    if (owner === OPERATOR) this.links.delete(server);
    this.emit('changed', server, owner);
  }

  private async tell(server: string, owner: string): Promise<void> {
    this.noteChange(server, owner);
    const message = this.store.sealMessage([server, owner]);
    if (message !== undefined) await this.redis.inBackground((client) => this.events.publish(client, 'grant', message));
  }

  private async ask(server: GrantedServer, owner: string, challenge: Challenge, known: GrantRecord | undefined): Promise<string> {
    if (owner !== OPERATOR) {
      await this.store.set('begun', ['challenge', ...partsOf(server, owner)], challenge, USERS_MS);
      return 'its user has to authorize it first.';
    }
    const link = this.links.get(server.name);
    const settings = settingsOf(server);
    const isOld = !link || link.settings !== settings || link.until - AHEAD_MS < performance.now();
    const isGood = !isOld && (link.scope === challenge.scope || !challenge.wantsMore);
    if (!isGood) {
      const url = await this.begin(server, owner, challenge, undefined, known);
      this.links.set(server.name, { url, until: performance.now() + OPERATORS_MS, scope: challenge.scope, settings });
      this.logger.warn({ msg: 'a server waits for an authorization: open the link', upstream: server.name, url });
      this.emit('asked', server);
    }
    return `a person has to authorize it: open the link that /v1/servers shows to admins, or run mcpo-proxy authorize ${server.name}`;
  }

  private authorizationOf(server: GrantedServer): Authorization {
    const settings = settingsOf(server);
    const known = this.authorizations.get(server.name);
    if (known?.settings === settings) return known.authorization;
    void known?.authorization.close();
    const authorization = new Authorization(server, server.oauth);
    this.authorizations.set(server.name, { settings, authorization });
    return authorization;
  }
}

/** By which a secret is looked for without being kept. */
export function digestOf(secret: string): string {
  return hash('sha256', secret);
}
