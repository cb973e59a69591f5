import { atOnce } from '@app/mcp-openapi';
import { PublishedNames } from './published-names.js';

const tool = (server: string, name: string) => ({ server, name });
const publish = (names: PublishedNames, ...what: Parameters<PublishedNames['publish']>) => atOnce(names.publish(...what));

describe('PublishedNames', () => {
  it('[AC7] keeps the names of a server when another one comes that could claim them', () => {
    const names = new PublishedNames('prefixed');
    expect(publish(names, [tool('a', 'b_c')], ['a'])).toEqual(['a_b_c']);
    const [first, second] = publish(names, [tool('a_b', 'c'), tool('a', 'b_c')], ['a_b', 'a']);
    expect(first).toMatch(/^a_b_c_[0-9a-z]{8}$/);
    expect(second).toBe('a_b_c');
    expect(publish(names, [tool('a_b', 'c')], ['a_b'])).toEqual([first]);
    expect(publish(names, [tool('a', 'b_c')], ['a'])).toEqual(['a_b_c']);
  });

  it('forgets the oldest names that no tool has any more', () => {
    const names = new PublishedNames('prefixed', 2);
    publish(names, [tool('a', 'b_c'), tool('x', 'y')], ['a', 'x']);
    publish(names, [tool('x', 'y'), tool('x', 'z')], ['x']);
    expect(publish(names, [tool('a_b', 'c')], ['a', 'a_b'])).toEqual(['a_b_c']);
  });

  it('[AC7] forgets no name that another server has', () => {
    const names = new PublishedNames('prefixed', 2);
    publish(names, [tool('a', 'b_c')], ['a']);
    publish(names, [tool('x', 'y'), tool('x', 'z')], ['a', 'x'], () => [[tool('a', 'b_c')]]);
    expect(publish(names, [tool('a_b', 'c')], ['a', 'a_b'])[0]).toMatch(/^a_b_c_[0-9a-z]{8}$/);
  });
});
