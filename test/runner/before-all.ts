import redisInstalled from '../support/redis/redis-installed.ts';
import { type GlobalConfig, type ProjectConfig, transformSources } from './transform-sources.ts';

/** Before all tests: the Redis that they talk to, and, where the tests of everything run, the sources that every worker would transform. */
export default async function beforeAll(config: GlobalConfig, project: ProjectConfig): Promise<void> {
  await redisInstalled();
  if (!config.testPathPatterns.isSet()) await transformSources(config, project);
}
