import { isServed } from './tool-filter.js';

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
