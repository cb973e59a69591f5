import { isServed, matchesPattern } from './tool-filter.js';

describe('isServed', () => {
  it.each([
    [undefined, [], true],
    [['read_*'], [], true],
    [['write_*'], [], false],
    [[], [], false],
    [undefined, ['read_file'], false],
    [['read_*'], ['*_file'], false],
    [['*'], ['write_*'], true],
  ])('allowed %j, denied %j: read_file is served: %s', (allowedTools, deniedTools, expected) => {
    expect(isServed('read_file', { allowedTools, deniedTools })).toBe(expected);
  });
});

describe('matchesPattern', () => {
  it.each([
    ['read_file', 'read_file', true],
    ['read_file', 'read', false],
    ['read_file', '*', true],
    ['read_file', 'r*d*e', true],
    ['read_file', '*read*file*', true],
    ['read_file', 'read_file*', true],
    ['aba', 'ab*ba', false],
    ['abcab', '*ab*ab', true],
    ['ab', 'a*b*b', false],
    ['x{y}.(z)', 'x{y}.*', true],
    ['xay', 'x.y', false],
    ['', '*', true],
  ])('%j, %j: %s', (name, pattern, expected) => {
    expect(matchesPattern(name, pattern)).toBe(expected);
  });

  it('takes no time for a pattern of many stars', () => {
    const start = performance.now();
    expect(matchesPattern('a'.repeat(20_000), `${'*a'.repeat(5_000)}*b`)).toBe(false);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
