import path from 'node:path';
import { childEnvironment } from './child-environment.js';
import { packageRoot } from './package-root.js';
import type { StdioUpstreamSettings, UpstreamPolicy } from './upstream-settings.js';

/** The planner server that comes with the gateway, for a start without any upstream setting: a child over stdio. */
export function embeddedPlanner(environment: Environment, policy: UpstreamPolicy): StdioUpstreamSettings {
  return {
    kind: 'stdio',
    name: 'planner',
    command: process.execPath,
    args: [path.resolve(packageRoot(), 'dist/bundle/planner-mcp-server.js')],
    env: childEnvironment(plannerVariables(environment), environment),
    cwd: undefined,
    startTimeoutMs: 60_000,
    ...policy,
    protocol: 'legacy',
  };
}

/** PLANNER_DATA_FILE and the like reach the planner. */
function plannerVariables(environment: Environment): Record<string, string> {
  const isForPlanner = (entry: [string, string | undefined]): entry is [string, string] =>
    entry[0].startsWith('PLANNER_') && entry[1] !== undefined;
  return Object.fromEntries(Object.entries(environment).filter(isForPlanner));
}

type Environment = Readonly<Record<string, string | undefined>>;
