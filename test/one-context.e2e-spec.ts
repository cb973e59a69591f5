import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from './support/recorded.ts';

const JEST = ['node_modules/jest/bin/jest.js', '--runInBand', '--coverage=false', '--testRegex', 'test/support/traces/.*fixture'];

describe('test files that one worker runs', () => {
  const folder = temporaryFolder();

  it('share the packages, and nothing that they change in the process', () => {
    const users = path.join(folder(), 'users');
    const { status, stderr } = spawnSync(process.execPath, JEST, { encoding: 'utf8', env: { ...process.env, USERS_FILE: users } });
    expect([status, stderr]).toEqual([0, expect.stringContaining('Tests:       2 passed, 2 total')]);
    expect(readFileSync(users, 'utf8')).toBe('1\n2\n');
  });
});
