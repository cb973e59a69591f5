import { readSettings } from './read-settings.js';
import type { StdioUpstreamSettings } from './upstream-settings.js';

function plannerEnvironment(environment: Record<string, string>) {
  return (readSettings(environment).upstreams[0] as StdioUpstreamSettings).env;
}

describe('the environment of the embedded planner', () => {
  it('[S6] holds what a program needs to run, and nothing that is secret', () => {
    const needed = { PATH: '/bin', HOME: '/root', LANG: 'C', https_proxy: 'http://proxy', npm_config_cache: '/tmp' };
    const secret = {
      API_KEYS: 'admin:0123456789',
      REDIS_URL: 'redis://:secret@redis',
      AWS_SECRET_ACCESS_KEY: 'x',
      NODE_OPTIONS: '--inspect',
    };
    expect(plannerEnvironment({ ...needed, ...secret })).toEqual(needed);
  });

  it('[ENV] holds the settings of the planner', () => {
    expect(plannerEnvironment({ PLANNER_DATA_FILE: '/data/plans.json', PLANNERS: 'x' })).toEqual({ PLANNER_DATA_FILE: '/data/plans.json' });
  });
});
