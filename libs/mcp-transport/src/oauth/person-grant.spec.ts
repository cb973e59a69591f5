import type { Authorization } from './authorization.js';
import type { GrantKeeper, GrantRecord } from './grant-record.js';
import { PersonGrant } from './person-grant.js';
import { TokenError } from './token-error.js';

const record = (name: string, expiresAt: number) =>
  ({ accessToken: name, refreshToken: `refresh ${name}`, obtainedAt: Date.now() - 3_600_000, expiresAt }) as unknown as GrantRecord;

/** A grant whose refresh the authorization server refuses, and what its keeper loads, in turn. */
function refusedGrant(...loaded: readonly (GrantRecord | undefined)[]) {
  const forgotten: string[] = [];
  let loads = 0;
  const keeper: GrantKeeper = {
    isShared: true,
    load: () => Promise.resolve(loaded[Math.min(loads++, loaded.length - 1)]),
    save: () => Promise.resolve(),
    forget: () => Promise.resolve(void forgotten.push('forgotten')),
    exclusively: (work) => work(),
    ask: () => Promise.resolve('ask'),
  };
  const refresh = () => Promise.reject(new TokenError('the authorization server refuses it (invalid_grant).', true));
  return { grant: new PersonGrant({ refresh } as unknown as Authorization, keeper), forgotten };
}

describe('[AC8] a refresh that is refused', () => {
  const old = record('old', Date.now() - 1_000);

  it('since another replica was first takes what that one got, and forgets nothing', async () => {
    const { grant, forgotten } = refusedGrant(old, old, old, record('new', Date.now() + 3_600_000));
    expect(await grant.request()).toMatchObject({ value: 'new' });
    expect(forgotten).toEqual([]);
  });

  it('else is the end of the grant', async () => {
    const { grant, forgotten } = refusedGrant(old);
    expect(await grant.request()).toMatchObject({ value: '' });
    expect(forgotten).toEqual(['forgotten']);
  });
});
