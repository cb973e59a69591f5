import { hash } from 'node:crypto';
import path from 'node:path';
import { allListed } from '../support/listed.ts';
import { startPlanner } from '../support/processes.ts';
import { ended } from './ended.ts';
import { type ObservedGateway, startObservedGateway } from './gateway.ts';
import { SECRETS } from './open-webui-environment.ts';
import { type Execution, readExecutions } from './planner.ts';

export const GATEWAY_KEY = 'key-of-open-webui-for-tests';
/** Calls a minute of one user. */
export const CALLS_A_MINUTE = 3;

/** A gateway that asks who calls, limits each user, and hands each user's own token on to a planner that demands one. */
export interface GuardedGateway {
  readonly gateway: ObservedGateway;
  /** Every call that the planner executed, oldest first. */
  executions(): Promise<Execution[]>;
  stop(): Promise<void>;
}

/** Starts it with its planner; resolves when that is listed. `folder` is empty. */
export async function startGuardedGateway(folder: string, corsOrigin: string): Promise<GuardedGateway> {
  const executionsFile = path.join(folder, 'executions.jsonl');
  const planner = await startPlanner({ cwd: folder, env: { PLANNER_REQUIRE_TOKEN: 'true', PLANNER_EXECUTIONS_FILE: executionsFile } });
  const env = {
    MCP_SERVER_URL: planner.url,
    API_KEYS: `open-webui:${GATEWAY_KEY}`,
    OPENWEBUI_SECRET_KEY: SECRETS.session,
    FORWARD_USER_INFO_HEADER_JWT_SECRET: SECRETS.userHeader,
    RATE_LIMIT_CLIENT: String(CALLS_A_MINUTE),
    CORS_ORIGINS: corsOrigin,
  };
  const gateway = await startObservedGateway({ cwd: folder, env });
  await allListed(gateway.url);
  return {
    gateway,
    executions: () => readExecutions(executionsFile),
    stop: async () => {
      await gateway.stop();
      await ended('planner that wants a token', planner);
    },
  };
}

/** The token that the connection's header template makes of a user's address, as the planner notes it. */
export function creatorOf(email: string): string {
  return hash('sha256', `teams-${email}`).slice(0, 16);
}
