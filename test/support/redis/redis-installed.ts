import { succeeds } from '../commands.ts';
import { installDebianPackages } from '../installed/debian.ts';

/** Before all tests: the Redis that they talk to, which is fetched where it can be. */
export default async function redisInstalled(): Promise<void> {
  if (await succeeds('redis-server', ['--version'])) return;
  await installDebianPackages(['redis-server'], 'The tests need redis-server, which is not on this machine.');
}
