import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DRAIN_MS } from '../limits.js';
import { McpEndpoint } from './mcp-endpoint.js';
import type { RunningFace } from '../running-face.js';
import type { Settings } from '../settings.js';
import { StartError } from '../start-error.js';
import type { ToolCalls } from '../calls/tool-calls.js';

const KEEP_ALIVE_MS = 60_000;
/** The longest wait for the last bytes of responses, once the calls have ended. */
const FLUSH_MS = 250;
const WILDCARD_HOSTS = ['0.0.0.0', '::'];

/** Serves streamable HTTP at `/mcp`; says on stdout where it listens. */
export async function serveHttp(calls: ToolCalls, settings: Settings): Promise<RunningFace> {
  const endpoint = new McpEndpoint(calls, settings);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => void endpoint.handle(request, response));
  await listen(server, settings);
  process.stdout.write(`${JSON.stringify({ msg: 'listening', url: urlOf(server, settings.host) })}\n`);
  return {
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await calls.drain(DRAIN_MS);
      await endpoint.close();
      // A connection turns idle only when the last bytes of its response have gone.
      const idle = setInterval(() => server.closeIdleConnections(), FLUSH_MS / 25);
      const all = setTimeout(() => server.closeAllConnections(), FLUSH_MS);
      await closed;
      clearInterval(idle);
      clearTimeout(all);
    },
  };
}

async function listen(server: Server, { host, port }: Settings): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening').catch((error: Error) => {
    throw new StartError([`PLANNER_HOST, PLANNER_PORT: cannot listen on ${host}:${port}: ${error.message}`], { cause: error });
  });
}

/** A wildcard address is nothing that a client can be given. */
function urlOf(server: Server, host: string): string {
  const name = WILDCARD_HOSTS.includes(host) ? '127.0.0.1' : host;
  const { port } = server.address() as AddressInfo;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
