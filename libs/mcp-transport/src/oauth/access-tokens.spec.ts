import { AccessTokens } from './access-tokens.js';
import { TokenError } from './token-error.js';
import type { GrantedToken } from './token-source.js';

/** An authorization server that a test answers for, and a clock that it moves. */
class Scene {
  nowMs = 0;
  requests = 0;
  answer: () => Promise<GrantedToken> = async () => this.token(3600_000);
  readonly tokens = new AccessTokens(
    {
      stepsUp: false,
      request: () => {
        this.requests += 1;
        return this.answer();
      },
    },
    () => this.nowMs,
  );

  token(lifetimeMs: number | undefined): GrantedToken {
    return { value: `token-${this.requests}`, lifetimeMs };
  }
}

const REFUSED = { value: 'token-1', challenge: { resourceMetadataUrl: undefined, scope: undefined, wantsMore: false } };

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('AccessTokens', () => {
  it('[AC8] asks once for all who wait', async () => {
    const scene = new Scene();
    const all = await Promise.all(Array.from({ length: 50 }, async () => scene.tokens.get()));
    expect(new Set(all)).toEqual(new Set(['token-1']));
    expect(scene.tokens.get()).toBe('token-1');
    expect(scene.requests).toBe(1);
  });

  it('[AC8] asks a minute ahead of the end, while the one that is there serves', async () => {
    const scene = new Scene();
    await scene.tokens.get();
    scene.nowMs = 3_539_999;
    expect([scene.tokens.get(), scene.requests]).toEqual(['token-1', 1]);
    scene.nowMs = 3_540_000;
    expect([scene.tokens.get(), scene.tokens.get(), scene.requests]).toEqual(['token-1', 'token-1', 2]);
    await settled();
    expect(scene.tokens.get()).toBe('token-2');
  });

  it('[AC8] goes on with the one that is there where asking ahead fails, and tries again, not more than once a second', async () => {
    const scene = new Scene();
    await scene.tokens.get();
    scene.answer = () => Promise.reject(new TokenError('away'));
    scene.nowMs = 3_550_000;
    for (let call = 0; call < 10; call += 1) {
      expect(scene.tokens.get()).toBe('token-1');
      await settled();
    }
    expect(scene.requests).toBe(2);
    scene.nowMs += 1_000;
    expect(scene.tokens.get()).toBe('token-1');
    expect(scene.requests).toBe(3);
    await settled();
    scene.nowMs = 3_595_000;
    await expect(scene.tokens.get()).rejects.toThrow('No access token: away');
    await expect(scene.tokens.get()).rejects.toThrow('No access token: away');
    expect(scene.requests).toBe(4);
  });

  it('[AC8] takes half the life of a short one, and none of its last quarter', async () => {
    const scene = new Scene();
    scene.answer = async () => scene.token(8_000);
    await scene.tokens.get();
    scene.nowMs = 3_999;
    expect([scene.tokens.get(), scene.requests]).toEqual(['token-1', 1]);
    scene.nowMs = 6_000;
    await expect(scene.tokens.get()).resolves.toBe('token-2');
  });

  it('[AC8] keeps one without an end until it is refused', async () => {
    const scene = new Scene();
    scene.answer = async () => scene.token(undefined);
    await scene.tokens.get();
    scene.nowMs = 1e12;
    expect([scene.tokens.get(), scene.requests]).toEqual(['token-1', 1]);
  });

  it('[AC8] replaces one that is refused once for all who hold it, and not one that it has only just got', async () => {
    const scene = new Scene();
    await scene.tokens.get();
    expect(scene.tokens.canReplace('token-1')).toBe(false);
    scene.nowMs = 1_000;
    const replaced = await Promise.all(
      Array.from({ length: 50 }, () => {
        expect(scene.tokens.canReplace('token-1')).toBe(true);
        return scene.tokens.replace(REFUSED);
      }),
    );
    expect([new Set(replaced), scene.requests]).toEqual([new Set(['token-2']), 2]);
    await expect(scene.tokens.replace(REFUSED)).resolves.toBe('token-2');
    expect([scene.tokens.canReplace('token-1'), scene.tokens.canReplace('token-2'), scene.requests]).toEqual([true, false, 2]);
  });

  it('[S6] keeps the last that it had from being shown, also when they are replaced and forgotten', async () => {
    const scene = new Scene();
    for (let round = 1; round <= 6; round += 1) {
      await scene.tokens.get();
      scene.tokens.forget();
    }
    expect(scene.tokens.secrets()).toEqual(['token-3', 'token-4', 'token-5', 'token-6']);
  });

  it('[S6] tells nothing of what went wrong but what was made to be told', async () => {
    const scene = new Scene();
    scene.answer = () => Promise.reject(new Error('CANARY'));
    await expect(scene.tokens.get()).rejects.toThrow(/^No access token: the request for it failed\.$/);
  });
});
