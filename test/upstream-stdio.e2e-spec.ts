import path from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { UpstreamAnswer } from '@app/mcp-transport';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import type { Upstream } from '../src/mcp-client/upstream.js';
import type { StdioUpstreamSettings } from '../src/config/upstream-settings.js';
import { closesAfterEach } from './support/ends.js';
import { type GatewayHere, startGatewayHere, stdioUpstream } from './support/gateway.js';
import { drill } from './support/long-drills.js';
import { ROOT } from './support/processes.js';
import { isRunning, Recorded, temporaryFolder } from './support/recorded.js';
import { callTool, errorOf, publishedTools, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const SERVER = path.join(ROOT, 'test/support/servers/raw-stdio.mjs');

describe('an upstream over stdio', () => {
  const closing = closesAfterEach();
  const newFolder = temporaryFolder();

  const launch = async (quirks: Record<string, unknown> = {}, more: Partial<StdioUpstreamSettings> = {}) => {
    const recorded = new Recorded(path.join(newFolder(), 'record'));
    const upstream = stdioUpstream(SERVER, [JSON.stringify({ record: recorded.file, ...quirks })], more);
    return { recorded, gateway: closing(await startGatewayHere({}, [upstream])) };
  };

  const start = async (quirks: Record<string, unknown> = {}, more: Partial<StdioUpstreamSettings> = {}) => {
    const started = await launch(quirks, more);
    await untilPublished(started.gateway, 'work');
    return started;
  };

  const pidOf = async (gateway: GatewayHere) => {
    const { status, body } = await callTool(gateway, 'pid');
    return status === 200 ? Number(body) : undefined;
  };

  const callsOfOneTurn = (upstream: Upstream, count: number, text = '{}') => {
    const call = { tool: 'work', inputSchema: {}, args: { text, value: {} }, correlationId: 'c', isIdempotent: false };
    return Array.from({ length: count }, () => upstream.call({ ...call, signal: new AbortController().signal }));
  };

  const untilGone = (pids: number[]) => until(`${pids.join(', ')} are gone`, () => !pids.some(isRunning));

  it('[AC1][CALL] writes the arguments on one line, every digit and key as it came', async () => {
    const { gateway, recorded } = await start();
    const args = '{\r\n  "b": 12345678901234567890,\n  "a": [1.0, 1e400, -0],\n  "2": "a\\nb\\u2028",\n  "1": {}\n}';
    await expect(callTool(gateway, 'work', args)).resolves.toMatchObject({ status: 200, body: 'done true' });
    const [line] = recorded.lines.filter((text) => text.includes('tools/call'));
    expect(line).toContain('"arguments":{    "b": 12345678901234567890,   "a": [1.0, 1e400, -0],   "2": "a\\nb\\u2028",   "1": {} }');
    expect(recorded.received('tools/call')).toMatchObject([{ id: expect.stringMatching(/^req_\d+$/), params: { name: 'work' } }]);
  });

  it('[AC1] tells the correlation id in _meta, and nothing of the newer generation', async () => {
    const { gateway, recorded } = await start();
    await callTool(gateway, 'work');
    const [call] = recorded.received('tools/call');
    expect(call?.params?._meta).toEqual({ progressToken: call?.id, 'io.mcpo-proxy/correlation-id': 'test-1' });
  });

  it('[AC5] is one process for the question for its era, lists and calls', async () => {
    const { gateway, recorded } = await start();
    const pid = await pidOf(gateway);
    expect(recorded.starts).toEqual([pid]);
    expect(recorded.received('server/discover')).toHaveLength(1);
  });

  it('[AC5] passes over what a server prints beside its messages', async () => {
    const { gateway } = await start({ garbage: true });
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done true' });
  });

  it('[AC5] answers and refuses what the server asks during a call, and takes no answer of another id', async () => {
    const { gateway, recorded } = await start();
    await expect(callTool(gateway, 'ask')).resolves.toMatchObject({ status: 200, body: 'done true' });
    const replies = await until('both replies', () => {
      const found = recorded.messages.filter(({ id }) => /^server-\d$/.test(String(id)));
      return found.length === 2 && found;
    });
    expect(replies.toSorted((a, b) => String(a.id).localeCompare(String(b.id)))).toEqual([
      { jsonrpc: '2.0', id: 'server-1', result: {} },
      { jsonrpc: '2.0', id: 'server-2', error: { code: -1, message: expect.any(String) } },
    ]);
  });

  it('[AC5] starts a server that ends on the question for its era once more, and asks it never again', async () => {
    const { gateway, recorded } = await start({ exitsOnDiscover: true });
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
    expect(recorded.starts).toHaveLength(2);
    process.kill((await pidOf(gateway)) as number, 'SIGKILL');
    await until('the next process answers', async () => {
      const pid = await pidOf(gateway);
      return pid !== undefined && pid === recorded.starts[2];
    });
    expect(recorded.received('server/discover')).toHaveLength(1);
    expect(recorded.starts).toHaveLength(3);
  });

  it('[AC5][P4] starts a killed server anew: 8 calls after the kill are all answered, by one process', async () => {
    const { gateway, recorded } = await start();
    const pid = (await pidOf(gateway)) as number;
    process.kill(pid, 'SIGKILL');
    await until(
      'the end is noticed',
      async () => recorded.starts.length > 1 || (await (await fetch(`${gateway.url}/health/mcp`)).text()).includes('"status":"down"'),
    );
    const answers = await Promise.all(Array.from({ length: 8 }, () => callTool(gateway, 'work')));
    expect(answers.map(({ status, body }) => [status, body])).toEqual(Array(8).fill([200, 'done true']));
    expect(recorded.starts).toHaveLength(2);
    expect(recorded.received('tools/call').filter(({ params }) => params?.name === 'work')).toHaveLength(8);
  });

  it('[AC3] says that the outcome is unknown when the server ends during a call, and sends it once', async () => {
    const { gateway, recorded } = await start();
    const message = 'The connection to the MCP server ended before it answered: "die" may have run.';
    const body = errorOf({ type: 'outcome_unknown', message, details: { server: 'default', outcome: 'unknown' } });
    await expect(callTool(gateway, 'die')).resolves.toMatchObject({ status: 502, body });
    await until('the server is back', async () => (await callTool(gateway, 'work')).status === 200);
    expect(recorded.received('tools/call').filter(({ params }) => params?.name === 'die')).toHaveLength(1);
  });

  it('[AC3] takes no answer over the size limit, and goes on', async () => {
    const { gateway } = await start({}, { maxResponseBytes: 50_000 });
    const message = 'An answer was larger than 50000 bytes.';
    const body = errorOf({ type: 'upstream_error', message, details: { server: 'default', outcome: 'unknown' } });
    await expect(callTool(gateway, 'big', { bytes: 60_000 })).resolves.toMatchObject({ status: 502, body });
    await expect(callTool(gateway, 'big', { bytes: 40_000 })).resolves.toMatchObject({ status: 200, body: 'x'.repeat(40_000) });
  });

  it.each<[string, Record<string, unknown>, boolean]>([
    ['when its id stands at its head', {}, true],
    ['when its id stands at its tail', { idLast: true }, true],
    ['and those beside it when its id cannot be told', { strange: true }, false],
  ])('[AC3] an answer over the size limit fails its own call %s', async (_, quirks, isAlone) => {
    const { gateway, recorded } = await start(quirks, { maxResponseBytes: 50_000, requestTimeoutMs: 5_000 });
    const beside = callTool(gateway, 'hang');
    await until('the call beside it', () => recorded.received('tools/call').length === 1);
    await expect(callTool(gateway, 'big', { bytes: 3_000_000 })).resolves.toMatchObject({ status: 502 });
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
    await expect(beside).resolves.toMatchObject({ status: isAlone ? 504 : 502 });
  });

  it('[E2] ends a silent call after REQUEST_TIMEOUT and tells the server', async () => {
    const { gateway, recorded } = await start({}, { requestTimeoutMs: 1_000 });
    await expect(callTool(gateway, 'hang')).resolves.toMatchObject({ status: 504, body: { error: { type: 'upstream_timeout' } } });
    const [cancelled] = await until('the cancellation', () =>
      recorded.received('notifications/cancelled').length > 0 ? recorded.received('notifications/cancelled') : undefined,
    );
    expect(cancelled?.params?.requestId).toBe(recorded.received('tools/call')[0]?.id);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
  });

  it('[E2] tells the server when the caller leaves', async () => {
    const { gateway, recorded } = await start();
    const leaving = new AbortController();
    const call = callTool(gateway, 'hang', {}, { signal: leaving.signal }).catch((error: Error) => error.name);
    await until('the call', () => recorded.received('tools/call').length === 1);
    leaving.abort();
    await expect(call).resolves.toBe('AbortError');
    await until(
      'the cancellation',
      () => recorded.received('notifications/cancelled')[0]?.params?.requestId === recorded.received('tools/call')[0]?.id,
    );
  });

  it('[AC5] is not held up by a flood of stderr', async () => {
    const { gateway } = await start({ stderrBytes: 4_000_000 });
    for (let call = 0; call < 5; call++) await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
  });

  it(`[AC5] is not held up by ${drill('100 MB', '1 GB')} of stderr, of which little is logged`, async () => {
    let lines = 0;
    // Before the start: a flood may be over within the second in which it begins.
    jest.spyOn(Logger.prototype, 'debug').mockImplementation((entry: { msg?: string }) => {
      if (entry.msg === 'stderr') lines += 1;
    });
    const from = performance.now();
    const { gateway, recorded } = await start({ floodBytes: drill(1e8, 1e9) });
    const rssBefore = process.memoryUsage.rss();
    let rss = 0;
    await until(
      'the end of the flood',
      async () => {
        await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
        rss = Math.max(rss, process.memoryUsage.rss());
        return recorded.lines.includes('flooded');
      },
      120_000,
    );
    jest.restoreAllMocks();
    const seconds = Math.ceil((performance.now() - from) / 1000) + 1;
    expect(lines).toBeLessThanOrEqual(seconds * 50);
    expect(lines).toBeGreaterThan(0);
    expect(rss - rssBefore).toBeLessThan(400_000_000);
  }, 150_000);

  it('[AC5][AC3] killed under 8 calls: their outcome is unknown, and 8 more are answered by one new process', async () => {
    const { gateway, recorded } = await start();
    const pid = (await pidOf(gateway)) as number;
    const sent = Promise.all(Array.from({ length: 8 }, () => callTool(gateway, 'hang')));
    await until('the calls', () => recorded.received('tools/call').length === 9);
    process.kill(pid, 'SIGKILL');
    const next = Promise.all(
      Array.from({ length: 8 }, async () => {
        await until('the end of the process', () => !isRunning(pid));
        return callTool(gateway, 'work');
      }),
    );
    expect((await sent).map(({ status, body }) => [status, (body as { error: { type: string } }).error.type])).toEqual(
      Array(8).fill([502, 'outcome_unknown']),
    );
    expect((await next).map(({ status, body }) => [status, body])).toEqual(Array(8).fill([200, 'done true']));
    expect(recorded.starts).toHaveLength(2);
    expect(recorded.received('tools/call').filter(({ params }) => params?.name === 'hang')).toHaveLength(8);
  });

  it('[AC5] killed before calls are written, and nobody has noticed: they are written to the next process', async () => {
    const { gateway, recorded } = await start();
    const pid = (await pidOf(gateway)) as number;
    const [upstream] = gateway.app.get(McpClient).upstreams;
    process.kill(pid, 'SIGKILL');
    // Without a turn of the event loop, so that the gateway cannot learn of it.
    for (const end = performance.now() + 10_000; isRunning(pid) && performance.now() < end;);
    const answers = await Promise.all(callsOfOneTurn(upstream as Upstream, 8));
    expect(answers.map(({ kind }) => kind)).toEqual(Array(8).fill('result'));
    expect(recorded.starts).toHaveLength(2);
    expect(recorded.received('tools/call').filter(({ params }) => params?.name === 'work')).toHaveLength(8);
  });

  it('[AC5] that reads nothing: what waits for it is bounded, and what was not written has not run', async () => {
    const { gateway, recorded } = await start({}, { requestTimeoutMs: 2_000 });
    const upstream = gateway.app.get(McpClient).upstreams[0] as Upstream;
    const pid = (await pidOf(gateway)) as number;
    process.kill(pid, 'SIGUSR2');
    await until('it is deaf', () => recorded.lines.includes('deaf'));
    const megabyte = `{"text":"${'x'.repeat(1_000_000)}"}`;
    const written = callsOfOneTurn(upstream, 10, megabyte);
    await nextTurn();
    const others = callsOfOneTurn(upstream, 20, megabyte);
    const kindOf = (answer: UpstreamAnswer) => (answer.kind === 'timeout' ? (answer.sent ? 'sent' : 'not sent') : answer.kind);
    expect((await Promise.all(written)).map(kindOf)).toEqual(Array(10).fill('sent'));
    expect((await Promise.all(others)).map(kindOf)).toEqual([...Array(7).fill('not sent'), ...Array(13).fill('busy')]);
    process.kill(pid, 'SIGUSR2');
    await until('the cancellations', () => recorded.received('notifications/cancelled').length === 10);
    expect(recorded.received('tools/call').filter(({ params }) => params?.name === 'work')).toHaveLength(10);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
  });

  describe('[E1] that cannot be started', () => {
    const statusReason = async (gateway: GatewayHere) => {
      const { body } = await callTool(gateway, 'gateway_status');
      const { state, reason } = (body as { servers: { state: string; reason: string }[] }).servers[0] ?? {};
      return state === 'degraded' ? reason : undefined;
    };

    it('names the command that does not exist, and goes on serving', async () => {
      const { gateway } = await launch({}, { command: '/nowhere/mcp-server' });
      await expect(until('the reason', () => statusReason(gateway))).resolves.toContain('ENOENT');
      await expect(publishedTools(gateway)).resolves.toEqual(['gateway_status']);
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 503, body: { error: { type: 'upstream_unavailable' } } });
    });

    it('starts a server that ends at once five times a minute at most, whatever is called', async () => {
      const { gateway, recorded } = await launch({ exitsAtOnce: true });
      const told = await until('the bound is reached', async () => {
        await callTool(gateway, 'work');
        const reason = await statusReason(gateway);
        return reason?.includes('started 5 times within a minute') && reason;
      });
      expect(told).toMatch(/^The process ended with exit code 3\. It was started 5 times within a minute; the next start is in \d+ s\.$/);
      await Promise.all(Array.from({ length: 20 }, () => callTool(gateway, 'work')));
      await sleep(500);
      expect(recorded.starts).toHaveLength(5);
    });
  });

  describe('leaves no process', () => {
    it('when the gateway stops: the server goes with all its descendants', async () => {
      const { gateway, recorded } = await start({ grandchild: 'ignore' });
      const pids = [...recorded.starts, ...recorded.grandchildren];
      expect(pids.map(isRunning)).toEqual([true, true]);
      await gateway.close();
      await untilGone(pids);
    });

    it('when the server ignores SIGTERM', async () => {
      const { gateway, recorded } = await start({ ignoresSigterm: true });
      const [pid] = recorded.starts;
      await gateway.close();
      expect(recorded.lines).toContain('SIGTERM');
      await untilGone([pid as number]);
    });

    it('when the server ended by itself and left one', async () => {
      const { gateway, recorded } = await start({ grandchild: 'ignore' });
      process.kill(recorded.starts[0] as number, 'SIGKILL');
      await until('the next process', () => recorded.starts.length === 2 && recorded.grandchildren.length === 2);
      await untilGone([recorded.starts[0] as number, recorded.grandchildren[0] as number]);
      await until('the next process answers', async () => (await pidOf(gateway)) === recorded.starts[1]);
      expect(isRunning(recorded.grandchildren[1] as number)).toBe(true);
    });

    it('when the server ended by itself and its child holds the pipes open', async () => {
      const { gateway, recorded } = await start({ grandchild: 'inherit' });
      process.kill(recorded.starts[0] as number, 'SIGKILL');
      await until('the next process answers', async () => recorded.starts.length === 2 && (await pidOf(gateway)) === recorded.starts[1]);
      await untilGone([recorded.grandchildren[0] as number]);
    });

    it('when the gateway stops before the server has answered the handshake', async () => {
      const { gateway, recorded } = await launch({ silent: true });
      await until('the handshake', () => recorded.received('server/discover').length === 1);
      const from = performance.now();
      await gateway.close();
      expect(performance.now() - from).toBeLessThan(9_000);
      expect(recorded.starts).toHaveLength(1);
      await untilGone(recorded.starts);
    });
  });
});
