import { closesAfterEach } from '../ends.js';
import { get } from '../exchange.js';
import type { GatewayHere } from '../gateway.js';
import { TcpProxy } from '../network/tcp-proxy.js';
import { type RunningProcess, startGateway } from '../processes.js';
import { RawMcpServer, type RawServerOptions } from '../raw-mcp-server.js';
import { redisIsUp } from '../redis/redis-of.js';
import { RedisServer } from '../redis/redis-server.js';
import { until } from '../until.js';
import { ServedSockets } from './served-sockets.js';
import type { Frame, SocketClient } from './socket-client.js';

export const STATE_KEY = 'canary-of-state-'.repeat(3);
const KEYS = { API_KEYS: 'ann:key-of-ann,bob:key-of-bob' };
const as = (who: string) => ({ headers: { authorization: `Bearer key-of-${who}` } });

/** Replicas that share sessions by way of a Redis; what they are made of is closed after each test. */
export class SocketReplicas {
  private readonly closing = closesAfterEach();

  /** Two in front of one server, in this process. */
  async start() {
    const redis = this.closing(await RedisServer.start());
    return this.serve(redis, redis.url);
  }

  /** The same, the first of which reaches Redis by a way that can be cut. */
  async startByWay() {
    const redis = this.closing(await RedisServer.start());
    const way = this.closing(await TcpProxy.start(redis.url));
    return { way, ...(await this.serve(redis, way.redisUrl)) };
  }

  /** The same as processes of their own. */
  async startProcesses(on: RawServerOptions['on'] = {}) {
    const redis = this.closing(await RedisServer.start());
    const server = this.closing(await RawMcpServer.start({ on }));
    const env = { REDIS_URL: redis.url, STATE_ENCRYPTION_KEY: STATE_KEY, MCP_SERVER_URL: server.url };
    const [first, second] = await Promise.all([this.startProcess(env), this.startProcess(env)]);
    return { redis, server, first, second };
  }

  private async serve(redis: RedisServer, urlOfFirst: string) {
    const shared = { STATE_ENCRYPTION_KEY: STATE_KEY, ...KEYS };
    const served = this.closing(await ServedSockets.start({ ...shared, REDIS_URL: urlOfFirst }));
    const second = this.closing(await served.gatewayWith({ ...shared, REDIS_URL: redis.url }));
    const open = (gateway: GatewayHere, who = 'ann') => served.open(as(who), [], gateway.url);
    const both = [served.gateway, second];
    for (const gateway of both) await redisIsUp(gateway);
    return { redis, served, first: served.gateway, second, both, open };
  }

  private async startProcess(env: Readonly<Record<string, string>>): Promise<RunningProcess> {
    const gateway = this.closing(await startGateway({ env }));
    await until('it is ready', async () => (await get(gateway.url, '/ready')).status === 200);
    await redisIsUp(gateway);
    return gateway;
  }
}

/** A client who comes back to another replica, and asks again where it is told to: all that it missed comes, in its order. */
export async function comeBack(client: SocketClient, back: SocketClient, known = client.known): Promise<void> {
  const isAnswer = ({ correlation_id, type }: Frame) => correlation_id === 'r' && /^(connection_established|error)$/.test(type);
  let asked = 0;
  let said: Frame[];
  do {
    back.say('resume', known, 'r');
    asked += 1;
    said = await until('an answer', () => {
      const answers = back.received.filter(isAnswer);
      return answers.length === asked && answers;
    });
  } while (said.at(-1)?.data.status === 503);
  expect(said.at(-1)).toMatchObject({ type: 'connection_established' });
  const missed = back.received.slice(asked).map(({ seq }) => seq);
  expect(missed).toEqual(missed.map((_, index) => known.last_seq + 1 + index));
}
