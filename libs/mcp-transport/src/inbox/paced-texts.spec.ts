import { jest } from '@jest/globals';
import { PacedTexts } from './paced-texts.js';

const WAYS = 60;
const TEXTS = 10;

describe('texts that come on many ways at once', () => {
  /** Each text takes a millisecond, and nothing else takes any. */
  let nowMs = 1_000;
  beforeEach(() => void jest.spyOn(performance, 'now').mockImplementation(() => nowMs));
  afterEach(() => void jest.restoreAllMocks());

  it('are handed on for a slice of all together in a round, and at least one of each; the others follow in their order', async () => {
    const taken: string[] = [];
    const take = (text: string) => {
      taken.push(text);
      nowMs += 1;
    };
    const ways = Array.from({ length: WAYS }, () => new PacedTexts(take));
    ways.forEach((way, number) => Array.from({ length: TEXTS }, (_, index) => way.push(`${number} ${index}`)));
    // 3 of the first, 2 of the second.
    expect(taken).toHaveLength(WAYS + 3);
    for (const way of ways) await way.done();
    expect(taken).toHaveLength(WAYS * TEXTS);
    for (let number = 0; number < WAYS; number += 1)
      expect(taken.filter((text) => text.startsWith(`${number} `))).toEqual(
        Array.from({ length: TEXTS }, (_, index) => `${number} ${index}`),
      );
  });
});
