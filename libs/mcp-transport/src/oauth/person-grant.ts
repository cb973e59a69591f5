import { setTimeout as sleep } from 'node:timers/promises';
import type { Authorization } from './authorization.js';
import type { Challenge, GrantKeeper, GrantRecord } from './grant-record.js';
import { AuthorizationNeeded, TokenError } from './token-error.js';
import type { GrantedToken, RefusedToken, TokenSource } from './token-source.js';

/** A token is refreshed so long before its end, or after half of its life, whichever is later. */
const REFRESH_AHEAD_MS = 60_000;
/** One that was had less than so long ago, and is refused, is not replaced by another of the same grant. */
const JUST_HAD_MS = 5_000;
/** So often, and so long apart, it is looked whether another has renewed what is refused. */
const LOOKS = 4;
const LOOK_MS = 100;

/** Access tokens that a person granted: refreshed while that can be done, and else asked for again. */
export class PersonGrant implements TokenSource {
  readonly stepsUp = true;
  /** Why there is none, since a server last wanted one; undefined while there is one. */
  problem: TokenError | undefined;

  constructor(
    private readonly authorization: Authorization,
    private readonly keeper: GrantKeeper,
  ) {}

  async request(refused?: RefusedToken): Promise<GrantedToken> {
    try {
      const token = await this.current(refused);
      if (token.value !== '') this.problem = undefined;
      return token;
    } catch (error) {
      this.problem = error instanceof TokenError ? error : new TokenError('the request for it failed.');
      throw this.problem;
    }
  }

  /** Without a grant nothing is asked of anybody before the server refuses a request. */
  private async current(refused: RefusedToken | undefined): Promise<GrantedToken> {
    const record = await this.keeper.load();
    if (record && isGood(record, refused)) return toGranted(record);
    if (!refused && record?.refreshToken === undefined) return NO_TOKEN;
    return this.keeper.exclusively(() => this.renewed(refused));
  }

  private async renewed(refused: RefusedToken | undefined): Promise<GrantedToken> {
    // Another may have renewed it meanwhile.
    const record = await this.keeper.load();
    if (record && isGood(record, refused)) return toGranted(record);
    if (record?.refreshToken === undefined) return refused ? this.ask(refused.challenge, record) : NO_TOKEN;
    if (refused && !(await this.mayRefresh(record, refused))) return this.ask(refused.challenge, record);
    try {
      const renewed = await this.authorization.refresh(record);
      await this.keeper.save(renewed);
      return toGranted(renewed);
    } catch (error) {
      if (!(error instanceof TokenError) || !error.isRefusal) throw error;
      const others = await this.renewedByOthers(record);
      if (others) return toGranted(others);
      await this.keeper.forget();
      return refused ? this.ask(refused.challenge, undefined) : NO_TOKEN;
    }
  }

  /**
   * What another replica has made of this grant meanwhile, while nothing held the two apart: a refresh token is good once, so a refusal may say no
   * more than that it was first.
   */
  private async renewedByOthers({ refreshToken }: GrantRecord): Promise<GrantRecord | undefined> {
    for (let look = 0; this.keeper.isShared && look < LOOKS; look += 1) {
      if (look > 0) await sleep(LOOK_MS);
      const record = await this.keeper.load();
      if (record && record.refreshToken !== refreshToken) return record;
    }
    return undefined;
  }

  private async mayRefresh(record: GrantRecord, { value, challenge }: RefusedToken): Promise<boolean> {
    if (challenge.wantsMore || (value === record.accessToken && Date.now() - record.obtainedAt < JUST_HAD_MS)) return false;
    return this.authorization.isStillAt(record, challenge);
  }

  private async ask(challenge: Challenge, record: GrantRecord | undefined): Promise<never> {
    throw new AuthorizationNeeded(await this.keeper.ask(challenge, record));
  }
}

const NO_TOKEN: GrantedToken = { value: '', lifetimeMs: undefined };

function isGood({ accessToken, obtainedAt, expiresAt }: GrantRecord, refused: RefusedToken | undefined): boolean {
  if (accessToken === refused?.value) return false;
  if (expiresAt === undefined) return true;
  return Date.now() < expiresAt - Math.min(REFRESH_AHEAD_MS, (expiresAt - obtainedAt) / 2);
}

function toGranted({ accessToken, expiresAt }: GrantRecord): GrantedToken {
  return { value: accessToken, lifetimeMs: expiresAt === undefined ? undefined : Math.max(1, expiresAt - Date.now()) };
}
