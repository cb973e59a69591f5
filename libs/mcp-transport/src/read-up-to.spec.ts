import { readUpTo } from './read-up-to.js';

describe('what is read of a body', () => {
  let ended: boolean;
  let given: number;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    ended = false;
    try {
      for (given = 1; given <= 1_000; given++) yield Buffer.from('four');
    } finally {
      ended = true;
    }
  }
  const tooLong = () => new Error('too long');

  it('is all of it, where that is no more than allowed', async () => {
    expect((await readUpTo(pieces(), 4_000)).length).toBe(4_000);
    expect((await readUpTo(pieces(), 4_000, tooLong)).length).toBe(4_000);
  });

  it('is its beginning else; the rest is not asked for', async () => {
    expect((await readUpTo(pieces(), 10)).toString()).toBe('fourfourfour');
    expect([given, ended]).toEqual([3, true]);
  });

  it('is nothing where a longer one is refused', async () => {
    await expect(readUpTo(pieces(), 3_999, tooLong)).rejects.toThrow('too long');
    await expect(readUpTo(pieces(), 10, tooLong)).rejects.toThrow('too long');
    expect([given, ended]).toEqual([3, true]);
  });
});
