import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AlertWebhook } from '../src/alerts/alert-webhook.service.js';
import { Alerts } from '../src/alerts/alerts.service.js';
import { closesAfterEach } from './support/ends.ts';
import { get, post } from './support/exchange.ts';
import { ForwardProxy } from './support/network/forward-proxy.ts';
import { freePort } from './support/network/free-port.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { startGateway } from './support/processes.ts';
import { RawMcpServer } from './support/raw-mcp-server.ts';
import { untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const CANARY = 'CANARY-19ab';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;

interface Post {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Something that takes alerts, and answers each with the next of these statuses, then with 200; 0 ends the connection, -1 leaves it without an answer. */
async function startReceiver(...statuses: number[]) {
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      posts.push({ path: request.url, headers: request.headers, body: JSON.parse(text || '{}') as Post['body'] });
      const status = statuses.shift() ?? 200;
      if (status === -1) return;
      if (status === 0) return void response.destroy();
      response.writeHead(status, { location: `http://127.0.0.1:${port}/elsewhere` }).end('thanks');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  closing({ close: async () => (server.closeAllConnections(), server.close()) });
  return { posts, port, url: `http://127.0.0.1:${port}/hooks/${CANARY}?token=${CANARY}` };
}

/** Looks, as it does by itself every five seconds. */
const look = ({ app }: GatewayHere, times = 1) => {
  for (let time = 0; time < times; time += 1) app.get(Alerts, { strict: false }).look();
};
/** As many requests without credentials as are told at the next look: a server that is down is told later. */
const attack = async ({ url }: { readonly url: string }) => {
  for (let request = 0; request < 20; request += 1) await post(url, '/v1/tools/work', {});
};
/** What has become of alerts since this was made: the metrics are those of all gateways of the process. */
async function outcomesOf({ url }: GatewayHere) {
  const counted = async () => {
    const samples = (await get(url, '/metrics')).text.matchAll(/^mcpo_alerts_total\{outcome="(\w+)"\} (\d+)$/gm);
    return [...samples].map(([, outcome, count]) => [outcome, Number(count)] as const);
  };
  const before = new Map(await counted());
  return async () => Object.fromEntries((await counted()).map(([outcome, count]) => [outcome, count - (before.get(outcome) ?? 0)]));
}
const brief = ({ body: { alert, state, server } }: Post) => [alert, state, server];

describe('[MON] alerts by webhook', () => {
  it('tell once that a server is down, and once that it is back', async () => {
    const receiver = await startReceiver();
    const port = await freePort();
    const gateway = closing(
      await startGatewayHere({ ALERT_WEBHOOK_URL: receiver.url }, [httpUpstream(`http://127.0.0.1:${port}/mcp`, { name: 'raw' })]),
    );
    const outcomes = await outcomesOf(gateway);
    await until('it is known to be down', async () => (await get(gateway.url, '/health/mcp')).text.includes('"status":"down"'));
    look(gateway, 6);
    await until('it is told', () => receiver.posts.length > 0);
    const { path, headers, body } = receiver.posts[0] as Post;
    expect({ path, type: headers['content-type'], body }).toEqual({
      path: `/hooks/${CANARY}?token=${CANARY}`,
      type: 'application/json',
      body: {
        id: expect.stringMatching(/^[\da-f-]{36}$/) as string,
        alert: 'server_down',
        state: 'firing',
        server: 'raw',
        text: `The MCP server "raw" is down. connect ECONNREFUSED 127.0.0.1:${port}`,
        since: TIME,
        at: TIME,
        gateway: expect.any(String) as string,
        version: expect.any(String) as string,
      },
    });
    closing(await RawMcpServer.start({ port }));
    await until('it is back', async () => (await get(gateway.url, '/health/mcp')).text.includes('"status":"up"'), 40_000);
    look(gateway, 6);
    await until('that is told, too', () => receiver.posts.length > 1);
    look(gateway, 6);
    expect(receiver.posts.map(brief)).toEqual([
      ['server_down', 'firing', 'raw'],
      ['server_down', 'resolved', 'raw'],
    ]);
    expect(receiver.posts[1]?.body['text']).toBe('The MCP server "raw" is back.');
    expect(receiver.posts[1]?.body['since']).toBe(body['since']);
    await until('both are counted', async () => (await outcomes())['delivered'] === 2);
    expect(await outcomes()).toEqual({ delivered: 2, failed: 0, dropped: 0 });
  }, 60_000);

  it('tell of calls that are paused and of many that fail', async () => {
    const receiver = await startReceiver();
    let isBroken = true;
    const server = closing(
      await RawMcpServer.start({ on: { 'tools/call': (exchange) => (isBroken ? exchange.send(500) : exchange.result()) } }),
    );
    const gateway = closing(await startGatewayHere({ ALERT_WEBHOOK_URL: receiver.url }, [httpUpstream(server.url, { name: 'raw' })]));
    await untilPublished(gateway, 'work');
    for (let call = 0; call < 19; call += 1) await post(gateway.url, '/v1/tools/work', {});
    look(gateway);
    await until('the pause is told', () => receiver.posts.length === 1);
    await post(gateway.url, '/v1/tools/work', {});
    look(gateway, 2);
    await until('the failures are told', () => receiver.posts.length === 2);
    isBroken = false;
    await until('calls are sent again', async () => (await post(gateway.url, '/v1/tools/work', {})).status === 200);
    look(gateway, 2);
    await until('that is told', () => receiver.posts.length === 3);
    expect(receiver.posts.map(brief)).toEqual([
      ['breaker_open', 'firing', 'raw'],
      ['error_rate', 'firing', undefined],
      ['breaker_open', 'resolved', 'raw'],
    ]);
    expect(receiver.posts[1]?.body['text']).toBe('20 of 20 tool calls of the last minute failed at the gateway or its MCP servers.');
  });

  it('tell of many wrong credentials, and not of few', async () => {
    const receiver = await startReceiver();
    const gateway = closing(await startGatewayHere({ ALERT_WEBHOOK_URL: receiver.url, API_KEYS: 'key-of-open-webui' }, []));
    const missing = () => post(gateway.url, '/v1/tools/work', {});
    for (let request = 0; request < 19; request += 1) await missing();
    look(gateway, 2);
    await missing();
    look(gateway, 2);
    await until('it is told', () => receiver.posts.length > 0);
    expect(receiver.posts.map(({ body: { alert, state, text } }) => [alert, state, text])).toEqual([
      [
        'auth_attack',
        'firing',
        '20 requests within a minute came with wrong credentials, or none; the log tells from where (security_event).',
      ],
    ]);
  });

  it('are tried again where that may help, with the same id, and given up where not', async () => {
    const receiver = await startReceiver(503, 0, -1, 200, 404);
    const gateway = closing(await startGatewayHere({ ALERT_WEBHOOK_URL: receiver.url, API_KEYS: 'key-of-open-webui' }, []));
    const outcomes = await outcomesOf(gateway);
    await attack(gateway);
    look(gateway);
    await until('the fourth try is taken', async () => (await outcomes())['delivered'] === 1, 30_000);
    expect(new Set(receiver.posts.map(({ body }) => body['id'])).size).toBe(1);
    expect(receiver.posts).toHaveLength(4);
    // Looks fill the minute in which there are no others.
    look(gateway, 20);
    await until('the end of it is refused', async () => (await outcomes())['failed'] === 1);
    expect(receiver.posts).toHaveLength(5);
    expect(await outcomes()).toEqual({ delivered: 1, failed: 1, dropped: 0 });
  }, 60_000);

  it('wait, a hundred at the most, while nobody answers', async () => {
    const receiver = await startReceiver(-1);
    const gateway = closing(await startGatewayHere({ ALERT_WEBHOOK_URL: receiver.url }, []));
    const outcomes = await outcomesOf(gateway);
    const webhook = gateway.app.get(AlertWebhook, { strict: false });
    for (let index = 0; index < 103; index += 1)
      webhook.send({ alert: 'server_down', state: 'firing', server: `server-${index}`, text: '', since: new Date() });
    await until('two are dropped', async () => (await outcomes())['dropped'] === 2);
    await until('the others are delivered', async () => (await outcomes())['delivered'] === 101);
    const told = receiver.posts.map(({ body }) => body['server']);
    expect([told.length, told[0], told[1], told[2], told.at(-1)]).toEqual([102, 'server-0', 'server-0', 'server-3', 'server-102']);
  }, 60_000);

  it('[S6] go through the proxies of the environment, follow no redirect, and leave nothing of the URL in the log', async () => {
    const receiver = await startReceiver(302);
    const proxy = closing(await ForwardProxy.start(receiver.port));
    const server = closing(await RawMcpServer.start());
    const gateway = closing(
      await startGateway({
        env: {
          ALERT_WEBHOOK_URL: `http://hooks.example/${CANARY}`,
          HTTP_PROXY: proxy.url,
          NO_PROXY: '127.0.0.1',
          LOG_LEVEL: 'trace',
          API_KEYS: 'key-of-open-webui',
          MCP_SERVER_URL: server.url,
        },
      }),
    );
    await attack(gateway);
    const lines = () => gateway.stdout.filter((line) => line.includes('an alert was not delivered'));
    await until('it is not delivered', () => lines().length > 0, 40_000);
    expect(proxy.lines).toEqual([`POST http://hooks.example/${CANARY}`]);
    expect(receiver.posts.map(brief)).toEqual([['auth_attack', 'firing', undefined]]);
    expect(JSON.parse(lines()[0] as string)).toMatchObject({ level: 'error', alert: 'auth_attack', state: 'firing', reason: 'HTTP 302' });
    const said = [...gateway.stdout, ...gateway.stderr].join('\n');
    expect(said).not.toContain(CANARY);
    expect(said).not.toContain('hooks.example');
  }, 60_000);

  it('[S6] that reach nobody leave nothing of the URL in the log either', async () => {
    const server = closing(await RawMcpServer.start());
    const gateway = closing(
      await startGateway({
        env: {
          ALERT_WEBHOOK_URL: `http://127.0.0.1:${await freePort()}/${CANARY}`,
          API_KEYS: 'key-of-open-webui',
          MCP_SERVER_URL: server.url,
        },
      }),
    );
    await attack(gateway);
    const line = await until('it is given up', () => gateway.stdout.find((each) => each.includes('an alert was not delivered')), 60_000);
    expect(JSON.parse(line)).toMatchObject({ reason: 'ECONNREFUSED' });
    expect([...gateway.stdout, ...gateway.stderr].join('\n')).not.toContain(CANARY);
  }, 90_000);
});
