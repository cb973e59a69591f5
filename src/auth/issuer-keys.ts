import { Logger } from '@nestjs/common';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { IssuerSettings } from '../config/settings.js';
import { GatewayException } from '../errors/gateway.exception.js';
import { keySetLocation } from './key-set-location.js';
import { readJson } from './read-json.js';
import { loadJose } from './verify-jwt.js';

/** Keys are fetched again after so long, while the old ones are used on: an issuer may have withdrawn one. */
const MAX_AGE_MS = 10 * 60_000;
/** So old they are used no more, if they could not be fetched for as long. */
const MAX_STALE_MS = 24 * 3_600_000;
/** They are fetched no more often than this, however many tokens name keys that are not there. */
const COOLDOWN_MS = 10_000;

/**
 * The keys of an issuer, fetched when they are needed first, when they are old, and when a token names one that is not among them: issuers
 * change theirs. One fetch at a time.
 */
export class IssuerKeys {
  private readonly logger = new Logger('auth');
  private keys: JWTVerifyGetKey | undefined;
  private fetchedAt = -Infinity;
  private triedAt = -Infinity;
  private fetching: Promise<void> | undefined;

  constructor(private readonly issuer: IssuerSettings) {}

  /** For `jwtVerify`. Throws a 503 while there are no keys to judge by: the token may well be good. */
  readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    const keys = await this.current();
    try {
      return await keys(header, token);
    } catch (error) {
      const { errors } = await loadJose();
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.fetch();
      if (this.keys === undefined || this.keys === keys) throw error;
      return this.keys(header, token);
    }
  };

  private async current(): Promise<JWTVerifyGetKey> {
    const age = performance.now() - this.fetchedAt;
    if (age > MAX_AGE_MS) {
      const fetched = this.fetch();
      if (age > MAX_STALE_MS) await fetched;
    }
    if (this.keys && performance.now() - this.fetchedAt <= MAX_STALE_MS) return this.keys;
    throw issuerUnreachable(Math.ceil((this.triedAt + COOLDOWN_MS - performance.now()) / 1000));
  }

  /** Resolves when it is done, whether it went well or not; at once where it may not be done yet. */
  fetch(): Promise<void> {
    if (this.fetching) return this.fetching;
    if (performance.now() - this.triedAt < COOLDOWN_MS) return Promise.resolve();
    this.triedAt = performance.now();
    this.fetching = this.load().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private async load(): Promise<void> {
    try {
      const { createLocalJWKSet } = await loadJose();
      this.keys = createLocalJWKSet((await readJson(await keySetLocation(this.issuer), this.issuer.proxies)) as JSONWebKeySet);
      this.fetchedAt = performance.now();
    } catch (error) {
      this.logger.warn({ msg: 'the keys of the issuer could not be fetched', issuer: this.issuer.name, reason: reasonOf(error as Error) });
    }
  }
}

/** Neither a secret nor anything of the answer is in it. */
function reasonOf({ message, cause }: Error): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code === undefined ? message : `${message} (${code})`;
}

function issuerUnreachable(seconds: number): GatewayException {
  const retryAfterSeconds = Math.max(seconds, 1);
  const message = `Service temporarily unavailable: the gateway cannot fetch the keys of the issuer of tokens; try again in ${retryAfterSeconds} s.`;
  const fields = { type: 'upstream_unavailable', message, details: { reason: 'issuer_unreachable' }, retryAfterSeconds };
  return new GatewayException(503, fields, { 'Retry-After': String(retryAfterSeconds) });
}
