import type { Dispatcher } from 'undici';
import { AccessTokens } from './access-tokens.js';
import { withBearer } from './with-bearer.js';

describe('[AC8] withBearer', () => {
  const sentHeaders = async (headers: Dispatcher.DispatchOptions['headers']) => {
    const tokens = new AccessTokens({ stepsUp: false, request: async () => ({ value: 'token', lifetimeMs: undefined }) });
    await tokens.get();
    const sent: unknown[] = [];
    const dispatch = withBearer(tokens)((options) => (sent.push(options.headers), true));
    dispatch({ path: '/', method: 'POST', headers }, {});
    return sent;
  };

  it.each<[string, Dispatcher.DispatchOptions['headers'], Dispatcher.DispatchOptions['headers']]>([
    ['an object', { accept: 'a' }, { accept: 'a', authorization: 'Bearer token' }],
    ['a list', ['accept', 'authorization'], ['accept', 'authorization', 'authorization', 'Bearer token']],
    ['nothing', undefined, { authorization: 'Bearer token' }],
  ])('adds the token to %s', async (_, headers, expected) => {
    expect(await sentHeaders(headers)).toEqual([expected]);
  });

  it.each<[string, Dispatcher.DispatchOptions['headers']]>([
    ['an object', { authorization: 'Basic own' }],
    ['a list', ['accept', 'a', 'authorization', 'Basic own']],
  ])('leaves an Authorization in %s as it is', async (_, headers) => {
    expect(await sentHeaders(headers)).toEqual([headers]);
  });
});
