import type { Client } from '@modelcontextprotocol/client';
import { CallerSessions, type CredentialedCall } from '../call/caller-sessions.js';
import type { HttpEndpoint } from '../http/http-endpoint.js';
import { createClient, HANDSHAKE_TIMEOUT_MS, isTimeout, negotiatedServer, reportLoss } from '../sdk-client.js';
import { listAllTools } from '../tool-list.js';
import type { UpstreamAnswer } from '../call/upstream-answer.js';
import type { ConnectionEvents, UpstreamConnection } from '../upstream-connection.js';
import { WatchedResources } from '../watched-resources.js';
import { SseTransport } from './sse.transport.js';

/**
 * Connects to a server over HTTP+SSE: one stream for lists and calls, and one for the calls of each caller with credentials. Only servers
 * of the older generation speak so.
 */
export async function connectSse(endpoint: HttpEndpoint, events: ConnectionEvents): Promise<UpstreamConnection> {
  const { client, transport } = await open(endpoint, events);
  transport.onlost = (reason) => events.onLost(reason);
  reportLoss(client, events);
  const watched = new WatchedResources(client);
  transport.way.messages.notice = (notice) => events.onNotice?.(notice);
  const { maxListBytes } = endpoint.settings;
  const callers = new CallerSessions(({ headers }) => openForCaller(endpoint, events, headers));
  return {
    server: negotiatedServer(client),
    listTools: () =>
      listAllTools({ client, receivedBytes: () => transport.way.receivedBytes, maxListBytes, hint: () => transport.way.asked.hint }),
    call: async (call, deadline) => {
      const answer = await (call.credentials
        ? callers.call(call as CredentialedCall, deadline, async (session) => ofCaller(await session.transport.call(call, deadline)))
        : transport.call(call, deadline));
      // Some servers say 400 to a session that they do not know. It may be about the call as well: a list tells which.
      if (answer.kind === 'http_status' && answer.status === 400) events.onToolsChanged();
      return answer;
    },
    ping: (signal) => transport.askPing(signal),
    watch: (uris) => watched.watch(uris),
    close: async () => {
      await Promise.allSettled([callers.close(), client.close()]);
    },
  };
}

/** That a caller's stream is gone says nothing of the others'. */
function ofCaller(answer: UpstreamAnswer): UpstreamAnswer {
  return answer.kind === 'unreachable' ? { ...answer, isOnlyCallers: true } : answer;
}

async function openForCaller(endpoint: HttpEndpoint, events: ConnectionEvents, headers: Readonly<Record<string, string>>) {
  const { client, transport } = await open(endpoint, { ...events, onLost: () => undefined }, headers);
  return {
    transport,
    get isOver() {
      return transport.isEnded;
    },
    close: () => client.close(),
  };
}

async function open(
  endpoint: HttpEndpoint,
  events: ConnectionEvents,
  headers?: Readonly<Record<string, string>>,
): Promise<{ client: Client; transport: SseTransport }> {
  const client = createClient({ protocol: 'legacy' }, events, endpoint.clientInfo);
  const transport = new SseTransport(endpoint, headers);
  try {
    await client.connect(transport, { timeout: HANDSHAKE_TIMEOUT_MS });
    return { client, transport };
  } catch (error) {
    await transport.close();
    if (!isTimeout(error)) throw error;
    throw new Error(`The MCP server did not answer "initialize" within ${HANDSHAKE_TIMEOUT_MS / 1000} s${transport.way.asked.hint}.`);
  }
}
