import redisInstalled from '../support/redis/redis-installed.ts';
import { type GlobalConfig, type ProjectConfig, transformSources } from './transform-sources.ts';
import { warmCompileCache } from './warm-compile-cache.ts';

/** Before all tests: the Redis that they talk to, and, where the tests of everything run, what every worker or process would compile. */
export default async function beforeAll(config: GlobalConfig, project: ProjectConfig): Promise<void> {
  await redisInstalled();
  if (config.testPathPatterns.isSet()) return;
  await Promise.all([transformSources(config, project), warmCompileCache()]);
}
