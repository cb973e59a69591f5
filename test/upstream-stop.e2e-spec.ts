import path from 'node:path';
import type { UpstreamSettings } from '../src/config/upstream-settings.js';
import type { UpstreamAnswer } from '@app/mcp-transport';
import { Upstream } from '../src/mcp-client/upstream.js';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream, stdioUpstream } from './support/gateway.js';
import { ROOT } from './support/processes.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { RawSseServer } from './support/raw-sse-server.js';
import { isRunning, Recorded, temporaryFolder } from './support/recorded.js';
import { until } from './support/until.js';

/** What keeps a process alive: timers and sockets of upstreams in this process, those of the servers here aside. */
const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

describe('[AC5] an upstream that is stopped while the gateway runs', () => {
  const closing = closesAfterEach();
  const newFolder = temporaryFolder();
  const never = () => undefined;

  const started = async (settings: UpstreamSettings) => {
    const upstream = closing(new Upstream(settings));
    upstream.start();
    await until('it is up', () => upstream.status().state === 'up');
    return upstream;
  };

  const call = (upstream: Upstream, more: { tool?: string; isIdempotent?: boolean } = {}): Promise<UpstreamAnswer> =>
    upstream.call({
      tool: 'work',
      inputSchema: {},
      args: { text: '{}', value: {} },
      correlationId: 'c',
      isIdempotent: false,
      signal: new AbortController().signal,
      ...more,
    });

  const stop = async (upstream: Upstream) => {
    const from = performance.now();
    await upstream.stop();
    await upstream.stop();
    return performance.now() - from;
  };

  it('over stdio leaves no process, timer or caller behind', async () => {
    const before = timers();
    const recorded = new Recorded(path.join(newFolder(), 'record'));
    const quirks = JSON.stringify({ record: recorded.file, grandchild: 'ignore' });
    const upstream = await started(stdioUpstream(path.join(ROOT, 'test/support/servers/raw-stdio.mjs'), [quirks]));
    await expect(call(upstream)).resolves.toMatchObject({ kind: 'result' });
    const hanging = call(upstream, { tool: 'hang' });
    await until('the call', () => recorded.received('tools/call').length === 2);
    await stop(upstream);
    await expect(hanging).resolves.toMatchObject({ kind: 'lost' });
    const pids = [...recorded.starts, ...recorded.grandchildren];
    expect(pids).toHaveLength(2);
    await until('no process is left', () => !pids.some(isRunning));
    await expect(call(upstream)).resolves.toMatchObject({ kind: 'unreachable' });
    await until('no timer is left', () => timers() <= before);
  });

  it('over streamable HTTP leaves no socket, session, timer or caller behind', async () => {
    const before = timers();
    const server = closing(await RawMcpServer.start({ on: { 'tools/call': never } }));
    const upstream = await started(httpUpstream(server.url));
    const hanging = [call(upstream), call(upstream, { isIdempotent: true })];
    await until('the calls and the stream', () => server.received('tools/call').length === 2 && server.openStreams.size === 2);
    await stop(upstream);
    await expect(Promise.all(hanging)).resolves.toMatchObject([{ kind: 'lost' }, { kind: 'lost' }]);
    expect(server.sessions.size).toBe(0);
    await until('no socket is left', () => server.openSockets === 0);
    expect(server.received('tools/call')).toHaveLength(2);
    await until('no timer is left', () => timers() <= before);
  });

  it('over SSE leaves no stream, timer or caller behind', async () => {
    const before = timers();
    const server = closing(await RawSseServer.start({ on: { 'tools/call': never } }));
    const upstream = await started(httpUpstream(server.url, { transport: 'sse' }));
    const hanging = call(upstream);
    await until('the call', () => server.received('tools/call').length === 1);
    await stop(upstream);
    await expect(hanging).resolves.toMatchObject({ kind: 'lost' });
    await until('no stream is left', () => server.open.length === 0);
    await until('no timer is left', () => timers() <= before);
  });

  it('does not keep a caller who waits for the next try, nor one who waits for a connection', async () => {
    const server = closing(
      await RawMcpServer.start({ on: { 'tools/call': (exchange) => exchange.send(429, '', { 'retry-after': '20' }) } }),
    );
    const upstream = await started(httpUpstream(server.url));
    const waiting = call(upstream);
    await until('the refusal', () => server.received('tools/call').length === 1);
    await stop(upstream);
    const from = performance.now();
    await expect(waiting).resolves.toMatchObject({ kind: 'unreachable' });

    const silent = closing(await RawMcpServer.start({ on: { 'server/discover': never, initialize: never } }));
    const starting = closing(new Upstream(httpUpstream(silent.url)));
    starting.start();
    const early = call(starting);
    await until('the handshake', () => silent.exchanges.length > 0);
    await stop(starting);
    await expect(early).resolves.toMatchObject({ kind: 'unreachable' });
    expect(performance.now() - from).toBeLessThan(10_000);
  });
});
