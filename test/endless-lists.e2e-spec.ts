import { closesAfterEach } from './support/ends.ts';
import { get } from './support/exchange.ts';
import { httpUpstream, startGatewayHere } from './support/gateway.ts';
import { type Exchange, RawMcpServer, toolOf } from './support/raw-mcp-server.ts';
import { createLogger } from '../src/logging/json-logger.ts';
import { callTool, publishedTools, untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const MEBIBYTE = 1024 * 1024;

describe('[AC5][P5] a list of tools that outgrows its bounds', () => {
  const closing = closesAfterEach();
  let lines: Record<string, unknown>[];

  /** A server whose second list, after it said that it changed, is given by `list`. */
  const serve = async (list: (exchange: Exchange) => unknown, maxListBytes = 64 * MEBIBYTE) => {
    lines = [];
    let isChanged = false;
    const on = { 'tools/list': (exchange: Exchange) => (isChanged ? list(exchange) : exchange.result({ tools: [toolOf('work')] })) };
    const server = closing(await RawMcpServer.start({ on }));
    const logger = createLogger('info', { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, { maxListBytes })], {}, { logger }));
    await untilPublished(gateway, 'work');
    isChanged = true;
    server.notify('notifications/tools/list_changed');
    return { server, gateway };
  };

  /** That it was given up, how often the server was asked, and what is served. */
  const expectGivenUp = async ({ gateway }: Awaited<ReturnType<typeof serve>>, reason: string) => {
    await until(
      'it is told in the log',
      () => lines.some(({ msg, error }) => msg === 'tools could not be listed' && error === reason),
      10_000,
    );
    await until('it is told of the server', async () => (await get(gateway.url, '/v1/servers')).text.includes(reason));
    expect(await publishedTools(gateway)).toEqual(['work']);
    expect(await callTool(gateway, 'work')).toMatchObject({ status: 200, body: 'done' });
  };

  it('is given up beyond MAX_LIST_BYTES of all its pages, whatever they hold', async () => {
    let pages = 0;
    const served = await serve((exchange) => {
      pages += 1;
      exchange.result({
        tools: [{ name: `page_${pages}`, inputSchema: { type: 'object' }, x: 'x'.repeat(MEBIBYTE) }],
        nextCursor: `${pages}`,
      });
    }, 4 * MEBIBYTE);
    await expectGivenUp(served, `The list of tools is larger than ${4 * MEBIBYTE} bytes (MAX_LIST_BYTES).`);
    // Once, and not again at once: three tries of four pages.
    expect(pages).toBeLessThan(12);
  });

  it('is given up beyond 20,000 tools, also on a single page', async () => {
    const tools = Array.from({ length: 20_001 }, (_, index) => toolOf(`t${index}`));
    await expectGivenUp(await serve((exchange) => exchange.result({ tools })), 'The list of tools has more than 20000 tools.');
  }, 20_000);

  it.each<[string, (page: number) => string, number]>([
    ['whose cursor runs in a circle', () => 'again', 2],
    ['of pages that hold nothing', (page) => `${page}`, 1_001],
  ])('is given up at once %s', async (_, nextCursor, most) => {
    let pages = 0;
    const served = await serve((exchange) => exchange.result({ tools: [], nextCursor: nextCursor(++pages) }));
    await expectGivenUp(served, `tools/list does not end: ${most} pages, 0 tools`);
    expect(pages).toBeLessThan(3 * most);
  });
});
