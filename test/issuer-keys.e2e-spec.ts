import { Logger } from '@nestjs/common';
import type { JWTHeaderParameters } from 'jose';
import { IssuerKeys } from '../src/auth/issuer-keys.js';
import { closesAfterEach } from './support/ends.js';
import { newSigningKey, startKeyServer } from './support/authorization/issuer.js';
import { until } from './support/until.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const EVERYTHING_ELSE = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'nextTick',
  'Date',
];

/** The clock of ages is moved by hand; everything else is real. */
describe('the keys of an issuer as they age', () => {
  const closing = closesAfterEach();

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => jest.useFakeTimers({ doNotFake: [...EVERYTHING_ELSE, 'queueMicrotask'] as never, now: 0 }));
  afterEach(() => jest.useRealTimers());

  const start = async () => {
    const state = { isUp: true, fetched: 0, keys: [newSigningKey()] };
    const server = await startKeyServer((_, response) => {
      state.fetched += 1;
      response.writeHead(state.isUp ? 200 : 500).end(JSON.stringify({ keys: state.keys.map(({ jwk }) => jwk) }));
    });
    closing(server);
    const keys = new IssuerKeys({
      name: 'issuer',
      jwksUrl: new URL(server.url),
      audiences: ['a'],
      roleClaim: 'role',
      groupsClaim: 'groups',
    });
    const keyOf = async (kid = state.keys[0]?.kid) => keys.keyOf({ alg: 'RS256', kid } as JWTHeaderParameters, {} as never);
    return { state, keyOf };
  };

  it('[S1] are fetched once, and again after ten minutes, while the old ones are used', async () => {
    const { state, keyOf } = await start();
    for (let again = 0; again < 3; again += 1) await keyOf();
    jest.advanceTimersByTime(10 * MINUTE_MS);
    await keyOf();
    expect(state.fetched).toBe(1);
    jest.advanceTimersByTime(1_000);
    const withdrawn = state.keys[0]?.kid;
    state.keys = [newSigningKey()];
    await keyOf(withdrawn);
    await until('they are fetched', () => state.fetched === 2);
    const isRefused = () =>
      keyOf(withdrawn).then(
        () => false,
        ({ code }: { code: string }) => code === 'ERR_JWKS_NO_MATCHING_KEY',
      );
    await until('the withdrawn key is gone', isRefused);
    await keyOf();
  });

  it('[S1] hold for a day while they cannot be fetched, tried every ten seconds, and are found again', async () => {
    const { state, keyOf } = await start();
    await keyOf();
    state.isUp = false;
    jest.advanceTimersByTime(DAY_MS);
    for (let again = 0; again < 5; again += 1) await keyOf();
    await until('they were asked for', () => state.fetched === 2);
    jest.advanceTimersByTime(10_001);
    await expect(keyOf()).rejects.toMatchObject({ fields: { type: 'upstream_unavailable', retryAfterSeconds: 10 } });
    jest.advanceTimersByTime(6_000);
    await expect(keyOf()).rejects.toMatchObject({ fields: { type: 'upstream_unavailable', retryAfterSeconds: 4 } });
    expect(state.fetched).toBe(3);
    state.isUp = true;
    jest.advanceTimersByTime(4_001);
    await keyOf();
    expect(state.fetched).toBe(4);
  });

  it('[S1] are fetched for an unknown one, though not twice within ten seconds', async () => {
    const { state, keyOf } = await start();
    await keyOf();
    state.keys = [newSigningKey()];
    await expect(keyOf()).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    expect(state.fetched).toBe(1);
    jest.advanceTimersByTime(10_001);
    await Promise.all(Array.from({ length: 20 }, () => keyOf()));
    expect(state.fetched).toBe(2);
  });
});
