import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { get } from '../../support/exchange.ts';
import { allListed } from '../../support/listed.ts';
import { type RunningProcess, startGateway, startPlanner } from '../../support/processes.ts';
import { RedisServer } from '../../support/redis/redis-server.ts';
import { until } from '../../support/until.ts';

/** The built planner, and built gateways in front of it. */
export class Stage {
  private readonly ends: (() => unknown)[] = [];
  readonly executionsFile: string;
  urls: readonly string[] = [];

  private constructor() {
    const folder = mkdtempSync(path.join(tmpdir(), 'drill-'));
    this.executionsFile = path.join(folder, 'executions.jsonl');
    this.ends.push(() => rmSync(folder, { recursive: true, force: true }));
  }

  /** Several replicas share a Redis. */
  static async start(replicas: number): Promise<Stage> {
    const stage = new Stage();
    try {
      await stage.fill(replicas);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const end of this.ends.splice(0).reverse()) await end();
  }

  private async fill(replicas: number): Promise<void> {
    const planner = this.keep(await startPlanner({ env: { PLANNER_EXECUTIONS_FILE: this.executionsFile } }));
    const env: Record<string, string> = { MCP_SERVER_URL: planner.url };
    if (replicas > 1) {
      const redis = await RedisServer.start();
      this.ends.push(() => redis.stop());
      Object.assign(env, { REDIS_URL: redis.url, STATE_ENCRYPTION_KEY: 'a-key-of-the-drill-'.repeat(3) });
    }
    const gateways = await Promise.all(Array.from({ length: replicas }, async () => this.keep(await startGateway({ env }))));
    this.urls = gateways.map(({ url }) => url);
    for (const url of this.urls) {
      await allListed(url);
      await until('it is ready', async () => (await get(url, '/ready')).status === 200);
    }
  }

  private keep(process: RunningProcess): RunningProcess {
    this.ends.push(() => process.stop());
    return process;
  }
}
