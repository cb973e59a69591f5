import { errorAnswer, post, told } from './support/exchange.ts';
import { closesAfterEach } from './support/ends.ts';
import { httpUpstream, startGatewayHere } from './support/gateway.ts';
import { startPlanner } from './support/processes.ts';
import { RawMcpServer } from './support/raw-mcp-server.ts';
import { RawSseServer } from './support/raw-sse-server.ts';
import { untilPublished } from './support/tool-requests.ts';

describe("a limit of the MCP server's own", () => {
  const closing = closesAfterEach();
  const refusal = (seconds: number) =>
    errorAnswer(
      429,
      {
        type: 'rate_limit_error',
        message: `The MCP server "default" limits calls: try again in ${seconds} s.`,
        details: { scope: 'upstream', server: 'default' },
        retry_after: seconds,
      },
      { 'retry-after': `${seconds}` },
    );

  it('[AC9][E4] is told as its own, not as one of the gateway', async () => {
    const planner = closing(await startPlanner({ env: { PLANNER_RATE_LIMIT: '1' } }));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(`${planner.url}/mcp`)]));
    await untilPublished(gateway, 'list_plans');
    const first = await post(gateway.url, '/v1/tools/list_plans', {});
    expect([first.status, first.limits['x-ratelimit-limit']]).toEqual([200, '1000000000']);
    const refused = await post(gateway.url, '/v1/tools/list_plans', {});
    const { retry_after } = (JSON.parse(refused.text) as { error: { retry_after: number } }).error;
    expect(retry_after).toBeGreaterThan(30);
    expect(told(refused)).toEqual(refusal(retry_after));
    expect(refused.limits).toEqual({});
  });

  it('[AC9] comes with the headers that tell of it, in place of the gateway’s, whatever its body is', async () => {
    const limits = {
      'x-ratelimit-limit': '5',
      'x-ratelimit-reset': '1790000000',
      'ratelimit-limit': '5, 5;w=60',
      ratelimit: '"day";r=0;t=3600',
      'x-ratelimit-remaining-tokens': '0',
    };
    const server = await RawMcpServer.start({
      on: {
        'tools/call': (exchange) =>
          exchange.json(
            429,
            { jsonrpc: '2.0', id: exchange.message.id, error: { code: -32000, message: 'slow down' } },
            { 'retry-after': '3600', ...limits, 'x-ratelimit-policy': 'x'.repeat(501), 'x-other': 'no', 'set-cookie': 'a=b' },
          ),
      },
    });
    const gateway = closing(await startGatewayHere({}, [httpUpstream(closing(server).url)]));
    await untilPublished(gateway, 'work');
    const refused = await post(gateway.url, '/v1/tools/work', {});
    expect(told(refused)).toEqual(refusal(3600));
    expect(refused.limits).toEqual(limits);
  });

  it('[AC9] does so over SSE', async () => {
    const server = closing(
      await RawSseServer.start({
        receipt: ({ message, receipt }) =>
          message.method === 'tools/call'
            ? receipt.writeHead(429, { 'retry-after': '3600', 'x-ratelimit-limit': '5' }).end()
            : receipt.writeHead(202).end(),
      }),
    );
    const gateway = closing(await startGatewayHere({}, [httpUpstream(`${server.origin}/sse`)]));
    await untilPublished(gateway, 'work');
    const refused = await post(gateway.url, '/v1/tools/work', {});
    expect([told(refused), refused.limits]).toEqual([refusal(3600), { 'x-ratelimit-limit': '5' }]);
  });
});
