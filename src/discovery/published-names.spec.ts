import { PublishedNames } from './published-names.js';

const tool = (server: string, name: string) => ({ server, name });

describe('PublishedNames', () => {
  it('[AC7] keeps the names of a server when another one comes that could claim them', () => {
    const names = new PublishedNames('prefixed');
    expect(names.publish([tool('a', 'b_c')], ['a'])).toEqual(['a_b_c']);
    const [first, second] = names.publish([tool('a_b', 'c'), tool('a', 'b_c')], ['a_b', 'a']);
    expect(first).toMatch(/^a_b_c_[0-9a-z]{8}$/);
    expect(second).toBe('a_b_c');
    expect(names.publish([tool('a_b', 'c')], ['a_b'])).toEqual([first]);
    expect(names.publish([tool('a', 'b_c')], ['a'])).toEqual(['a_b_c']);
  });

  it('forgets the oldest names that no tool has any more', () => {
    const names = new PublishedNames('prefixed', 2);
    names.publish([tool('a', 'b_c'), tool('x', 'y')], ['a', 'x']);
    names.publish([tool('x', 'y'), tool('x', 'z')], ['x']);
    expect(names.publish([tool('a_b', 'c')], ['a', 'a_b'])).toEqual(['a_b_c']);
  });

  it('[AC7] forgets no name that another server has', () => {
    const names = new PublishedNames('prefixed', 2);
    names.publish([tool('a', 'b_c')], ['a']);
    names.publish([tool('x', 'y'), tool('x', 'z')], ['a', 'x'], () => [tool('a', 'b_c')]);
    expect(names.publish([tool('a_b', 'c')], ['a', 'a_b'])[0]).toMatch(/^a_b_c_[0-9a-z]{8}$/);
  });
});
