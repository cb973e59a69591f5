import { setTimeout as sleep } from 'node:timers/promises';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { until } from './support/until.js';
import { answerTo, type Posted, RawSseServer } from './support/raw-sse-server.js';
import { toolOf } from './support/raw-mcp-server.js';

/** So many connections are made within this time where every pause is half a second at the most. */
const LOOK_MS = 4_000;
const MANY = 11;

describe('[AC5] a server that connects and closes again', () => {
  const closing = closesAfterEach();

  /** How often it is connected to when it ends each stream after its answer to this. */
  const connections = async (method: string): Promise<number> => {
    const closes = (result: unknown) => (posted: Posted) => {
      setImmediate(() => posted.stream?.end());
      return answerTo(posted, result);
    };
    const initialized = { protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo: { name: 'brief', version: '1' } };
    const results: Readonly<Record<string, unknown>> = { initialize: initialized, 'tools/list': { tools: [toolOf('work')] } };
    const server = closing(await RawSseServer.start({ on: { [method]: closes(results[method]) } }));
    closing(await startGatewayHere({}, [httpUpstream(server.url, { transport: 'sse' })]));
    await until('it is connected to again', () => server.gets.length > 1);
    await sleep(LOOK_MS);
    return server.gets.length;
  };

  it('is met with growing pauses, also where it lists its tools first', async () => {
    expect(await connections('tools/list')).toBeLessThan(MANY);
  });
});
