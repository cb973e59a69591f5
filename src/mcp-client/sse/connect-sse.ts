import type { HttpEndpoint } from '../http/http-endpoint.js';
import { createClient, HANDSHAKE_TIMEOUT_MS, listAllTools, negotiatedServer, reportLoss } from '../sdk-client.js';
import type { ConnectionEvents, UpstreamConnection } from '../upstream-connection.js';
import { SseTransport } from './sse.transport.js';

/** Connects to a server over HTTP+SSE: one stream for lists and calls. Only servers of the older generation speak so. */
export async function connectSse(endpoint: HttpEndpoint, events: ConnectionEvents): Promise<UpstreamConnection> {
  const client = createClient({ ...endpoint.settings, protocol: 'legacy' }, events);
  const transport = new SseTransport(endpoint);
  try {
    await client.connect(transport, { timeout: HANDSHAKE_TIMEOUT_MS });
  } catch (error) {
    await transport.close();
    throw error;
  }
  transport.onlost = (reason) => events.onLost(reason);
  reportLoss(client, events);
  return {
    server: negotiatedServer(client),
    listTools: () => listAllTools(client),
    call: async (call, deadline) => {
      const answer = await transport.call(call, deadline);
      // Some servers say 400 to a session that they do not know. It may be about the call as well: a list tells which.
      if (answer.kind === 'http_status' && answer.status === 400) events.onToolsChanged();
      return answer;
    },
    close: () => client.close(),
  };
}
