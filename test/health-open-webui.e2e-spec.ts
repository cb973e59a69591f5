import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OpenWebUiCheck } from '../src/health/open-webui-check.service.js';
import { closesAfterEach } from './support/ends.ts';
import { get, ID, post } from './support/exchange.ts';
import { ForwardProxy } from './support/network/forward-proxy.ts';
import { freePort } from './support/network/free-port.ts';
import { type GatewayHere, startGatewayHere } from './support/gateway.ts';

const closing = closesAfterEach();
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;
const AGE = expect.any(Number) as number;
const HEADERS = { 'x-correlation-id': ID, 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

/** Something that answers as Open WebUI does, or not. */
async function startOpenWebUi(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing({ close: async () => (server.closeAllConnections(), server.close()) });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const start = async (environment: Readonly<Record<string, string>>) => closing(await startGatewayHere(environment, []));

async function healthOf({ url }: GatewayHere) {
  const { status, headers, text } = await get(url, '/health/openwebui');
  return { status, headers, body: JSON.parse(text) as unknown };
}

function answer(status: string, part: Readonly<Record<string, unknown>>) {
  const openwebui = { openwebui: part };
  const isWell = part['status'] === 'up' || part['status'] === 'not_configured';
  return {
    status: 200,
    headers: HEADERS,
    body: { status, info: isWell ? openwebui : {}, error: isWell ? {} : openwebui, details: openwebui },
  };
}

/** Asks once more, whatever has been asked at the start. */
const check = ({ app }: GatewayHere) => app.get(OpenWebUiCheck, { strict: false }).run(4_000);

describe('/health/openwebui', () => {
  it("[AC10][EP4] is what Open WebUI's own health says", async () => {
    const asked: (string | undefined)[] = [];
    const url = await startOpenWebUi((request, response) => {
      asked.push(request.url);
      response.setHeader('content-type', 'application/json').end('{"status":true}');
    });
    const gateway = await start({ OPENWEBUI_URL: `${url}/chat/` });
    await check(gateway);
    expect(await healthOf(gateway)).toEqual(answer('ok', { age_seconds: AGE, last_request_at: null, status: 'up' }));
    expect(new Set(asked)).toEqual(new Set(['/chat/health']));
  });

  it('[AC10][ENV] is asked through the proxies of the environment', async () => {
    const { port } = new URL(await startOpenWebUi((_, response) => response.end('{"status":true}')));
    const proxy = closing(await ForwardProxy.start(Number(port)));
    const gateway = await start({ OPENWEBUI_URL: 'http://open-webui.example:8080', HTTP_PROXY: proxy.url });
    await check(gateway);
    expect(await healthOf(gateway)).toEqual(answer('ok', { age_seconds: AGE, last_request_at: null, status: 'up' }));
    expect(new Set(proxy.lines)).toEqual(new Set(['GET http://open-webui.example:8080/health']));
  });

  it.each<[string, RequestListener, string]>([
    ['says that it is not well', (_, response) => response.writeHead(503).end('{"status":false}'), 'It answered HTTP 503.'],
    ['leads elsewhere', (_, response) => response.writeHead(302, { location: '/' }).end(), 'It answered HTTP 302.'],
    ['is another program', (_, response) => response.end('<html>'), 'What answers there is not Open WebUI: see OPENWEBUI_URL.'],
    [
      'goes on and on',
      (_, response) => void response.write('x'.repeat(1_000_000)),
      'What answers there is not Open WebUI: see OPENWEBUI_URL.',
    ],
  ])('[AC10][EP4] is down where what is there %s', async (_, listener, reason) => {
    const gateway = await start({ OPENWEBUI_URL: await startOpenWebUi(listener) });
    await check(gateway);
    expect(await healthOf(gateway)).toEqual(answer('down', { age_seconds: AGE, last_request_at: null, reason, status: 'down' }));
  });

  it('[AC10][EP4][EP5] is down where nobody listens, and neither the gateway nor its readiness minds', async () => {
    const gateway = await start({ OPENWEBUI_URL: `http://127.0.0.1:${await freePort()}` });
    await check(gateway);
    const reason = expect.stringMatching(/^It cannot be reached: .*ECONNREFUSED/) as string;
    expect(await healthOf(gateway)).toEqual(answer('down', { age_seconds: AGE, last_request_at: null, reason, status: 'down' }));
    for (const path of ['/health', '/health/live', '/ready']) expect([path, (await get(gateway.url, path)).status]).toEqual([path, 200]);
  });

  it('[AC10][EP4] is unknown where it has never answered', async () => {
    const gateway = await start({ OPENWEBUI_URL: await startOpenWebUi(() => undefined) });
    await gateway.app.get(OpenWebUiCheck, { strict: false }).run(100);
    expect(await healthOf(gateway)).toEqual(answer('unknown', { age_seconds: null, last_request_at: null, status: 'unknown' }));
  });

  it.each([
    ['by its client for HTTP', { 'user-agent': 'Python/3.11 aiohttp/3.12.15' }],
    ['by the chat', { 'x-openwebui-chat-id': 'chat-1' }],
  ])(
    '[AC10][EP4] without OPENWEBUI_URL tells when Open WebUI was heard last, known %s',
    async (_, headers: Readonly<Record<string, string>>) => {
      const gateway = await start({});
      await get(gateway.url, '/openapi.json', { 'user-agent': 'curl/8' });
      expect(await healthOf(gateway)).toEqual(answer('not_configured', { last_request_at: null, status: 'not_configured' }));
      await get(gateway.url, '/openapi.json', headers);
      expect(await healthOf(gateway)).toEqual(answer('not_configured', { last_request_at: TIME, status: 'not_configured' }));
    },
  );

  it('[AC10][EP4] a call counts as well', async () => {
    const gateway = await start({});
    await post(gateway.url, '/v1/tools/gateway_status', {}, { 'user-agent': 'Python/3.11 aiohttp/3.12.15' });
    expect(await healthOf(gateway)).toEqual(answer('not_configured', { last_request_at: TIME, status: 'not_configured' }));
  });
});
