import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readSettings } from '../src/config/read-settings.js';
import { closesAfterEach } from './support/ends.js';
import { get } from './support/exchange.js';
import { ForwardProxy } from './support/network/forward-proxy.js';
import { freePort } from './support/network/free-port.js';
import { startGatewayHere } from './support/gateway.js';
import { runGateway } from './support/gateway-run.js';
import { OtlpReceiver } from './support/tracing/otlp-receiver.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { RawSseServer } from './support/raw-sse-server.js';
import { temporaryFolder } from './support/recorded.js';
import { callTool, publishedTools } from './support/tool-requests.js';
import { until } from './support/until.js';

const closing = closesAfterEach();
const newFolder = temporaryFolder();
/** A name that no DNS has: only the proxy reaches it. */
const FAR = 'http://mcp.corp.invalid';
const TLS = { key: readFileSync('test/data/tls/server.key', 'utf8'), cert: readFileSync('test/data/tls/server.crt', 'utf8') };

/** A gateway whose only server is this entry, with these variables. */
async function gatewayFor(entry: object, environment: Record<string, string>) {
  const file = path.join(newFolder(), 'mcp.json');
  writeFileSync(file, JSON.stringify({ mcpServers: { a: { protocol: 'legacy', ...entry } } }));
  return closing(await startGatewayHere({ MCP_CONFIG: file, ...environment }));
}

async function worked(gateway: { url: string }): Promise<unknown> {
  await until('the tool is listed', async () => (await publishedTools(gateway)).includes('a_work'), 4_000);
  const { status, body } = await callTool(gateway, 'a_work');
  return [status, body];
}

const failure = async ({ url }: { url: string }) => {
  const look = async () => {
    const { servers } = JSON.parse((await get(url, '/v1/servers')).text) as { servers: { state: string; lastError?: string }[] };
    return servers[0]?.state === 'degraded' && servers[0].lastError;
  };
  return until('the reason', look, 4_000);
};

const DONE = [200, 'done'];
const ofServer = async (server: { port: number }, refuse?: number) => closing(await ForwardProxy.start(server.port, refuse));
const raw = async (options: Parameters<typeof RawMcpServer.start>[0] = {}) => closing(await RawMcpServer.start(options));

describe('[AC5][ENV] a server behind a forward proxy', () => {
  it.each(['HTTP_PROXY', 'http_proxy'])('is reached over HTTP by %s, its stream of changes, too', async (name) => {
    const server = await raw();
    const proxy = await ofServer(server);
    const gateway = await gatewayFor({ url: `${FAR}/mcp` }, { [name]: proxy.url });
    expect(await worked(gateway)).toEqual(DONE);
    expect(new Set(proxy.lines)).toEqual(new Set([`POST ${FAR}/mcp`, `GET ${FAR}/mcp`]));
    expect(server.received('tools/call')[0]?.headers.host).toBe('mcp.corp.invalid');
  });

  it.each(['HTTPS_PROXY', 'https_proxy'])('is reached over HTTPS by %s, in a tunnel', async (name) => {
    const server = await raw({ tls: TLS });
    const proxy = await ofServer(server);
    const gateway = await gatewayFor({ url: 'https://mcp.corp.invalid/mcp', tls: { insecure: true } }, { [name]: proxy.url });
    expect(await worked(gateway)).toEqual(DONE);
    expect(new Set(proxy.lines)).toEqual(new Set(['CONNECT mcp.corp.invalid:443']));
  });

  it('is reached over SSE', async () => {
    const proxy = await ofServer(closing(await RawSseServer.start()));
    const gateway = await gatewayFor({ url: `${FAR}/sse`, type: 'sse' }, { HTTP_PROXY: proxy.url });
    expect(await worked(gateway)).toEqual(DONE);
    expect(proxy.lines[0]).toBe(`GET ${FAR}/sse`);
  });

  it('is told the user and password of the proxy’s URL, and nobody else is', async () => {
    const server = await raw();
    const proxy = await ofServer(server);
    const withUser = proxy.url.replace('//', '//us%40er:CANARY-pass@');
    expect(await worked(await gatewayFor({ url: `${FAR}/mcp` }, { HTTP_PROXY: withUser }))).toEqual(DONE);
    expect(proxy.forwarded[0]?.authorization).toBe(`Basic ${Buffer.from('us@er:CANARY-pass').toString('base64')}`);
  });

  it.each(['mcp.corp.invalid', 'corp.invalid', '.corp.invalid', '*.corp.invalid', '*', 'other, MCP.corp.invalid:80'])(
    'is not asked for where NO_PROXY is %s',
    async (none) => {
      const proxy = await ofServer(await raw());
      const gateway = await gatewayFor({ url: `${FAR}/mcp` }, { HTTP_PROXY: proxy.url, NO_PROXY: none });
      expect(await failure(gateway)).toContain('ENOTFOUND');
      const other = await gatewayFor(
        { url: 'http://elsewhere.invalid/mcp' },
        { HTTP_PROXY: proxy.url, no_proxy: none === '*' ? 'x' : none },
      );
      expect(await worked(other)).toEqual(DONE);
      expect(proxy.lines.filter((line) => line.includes('corp'))).toEqual([]);
    },
  );

  it('is not asked for what is on this machine', async () => {
    const server = await raw();
    const proxy = await ofServer(server);
    expect(await worked(await gatewayFor({ url: server.url }, { HTTP_PROXY: proxy.url }))).toEqual(DONE);
    expect(proxy.lines).toEqual([]);
  });

  it('is the one of the server’s own `proxy`, whatever the environment says; false is none', async () => {
    const server = await raw();
    const [proxy, other] = [await ofServer(server), await ofServer(server)];
    const environment = { HTTP_PROXY: other.url, NO_PROXY: '*', PROXY_OF_A: proxy.url };
    expect(await worked(await gatewayFor({ url: `${FAR}/mcp`, proxy: '${PROXY_OF_A}' }, environment))).toEqual(DONE);
    expect([proxy.lines.length > 0, other.lines]).toEqual([true, []]);
    expect(await failure(await gatewayFor({ url: `${FAR}/mcp`, proxy: false }, { HTTP_PROXY: other.url }))).toContain('ENOTFOUND');
  });

  it('is asked for tokens and their metadata, too', async () => {
    const server = await raw({
      guard: (exchange) => exchange.headers.authorization === 'Bearer of-the-issuer' || (exchange.send(401), false),
    });
    server.elsewhere = (exchange) => exchange.json(200, { access_token: 'of-the-issuer', token_type: 'Bearer' });
    const proxy = await ofServer(server);
    const oauth = { grant: 'client_credentials', clientId: 'a', clientSecret: 'b', tokenUrl: 'https://login.corp.invalid/token' };
    const gateway = await gatewayFor({ url: `${FAR}/mcp`, oauth }, { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url });
    await until('the issuer is asked', () => proxy.lines.includes('CONNECT login.corp.invalid:443'), 4_000);
    expect(await failure(gateway)).toBeTruthy();
  });

  it('is named when it does not answer or refuses, without its password', async () => {
    const [dead, server] = [`http://someone:CANARY-pass@127.0.0.1:${await freePort()}`, await raw()];
    const refused = await failure(await gatewayFor({ url: `${FAR}/mcp` }, { HTTP_PROXY: dead }));
    expect(refused).toMatch(/^through the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTP_PROXY\): connect ECONNREFUSED/);
    const proxy = await ofServer(server, 407);
    const denied = await failure(await gatewayFor({ url: 'https://mcp.corp.invalid/mcp' }, { HTTPS_PROXY: proxy.url }));
    expect(denied).toMatch(/^through the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\): .*407/);
  });

  it('is named where it answers for a server that it does not reach', async () => {
    const proxy = await ofServer(await raw(), 502);
    expect(await failure(await gatewayFor({ url: `${FAR}/mcp` }, { HTTP_PROXY: proxy.url }))).toMatch(
      /^through the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTP_PROXY\): The MCP server answered HTTP 502$/,
    );
  });

  it('is named by check', async () => {
    const dead = `http://someone:CANARY-pass@127.0.0.1:${await freePort()}`;
    const { status, stdout } = runGateway(['check', '--', `${FAR}/mcp`], { HTTP_PROXY: dead });
    expect([status, stdout]).toEqual([1, expect.stringMatching(/problem: .*through the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTP_PROXY\)/)]);
    expect(stdout).not.toContain('CANARY');
  });

  it('is asked for the keys of an issuer of tokens', async () => {
    const server = await raw();
    const proxy = await ofServer(server);
    server.elsewhere = (exchange) => exchange.json(200, { keys: [] });
    closing(
      await startGatewayHere({ JWKS_URL: 'http://login.corp.invalid/keys', JWT_ISSUER: 'i', JWT_AUDIENCE: 'a', HTTP_PROXY: proxy.url }),
    );
    await until('the keys are asked for', () => proxy.lines.includes('GET http://login.corp.invalid/keys'), 4_000);
  });

  it('is asked for where spans of calls go', async () => {
    const collector = closing(await OtlpReceiver.start());
    const proxy = await ofServer({ port: Number(new URL(collector.url).port) });
    const server = await raw();
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.corp.invalid:4318', HTTP_PROXY: proxy.url };
    expect(await worked(await gatewayFor({ url: server.url }, environment))).toEqual(DONE);
    await until('a span is there', () => collector.spans.length > 0);
    expect(proxy.lines).toContain('POST http://collector.corp.invalid:4318/v1/traces');
  });

  it.each(['socks5://127.0.0.1:1', 'nonsense'])('is a URL that can be used, or told: %s', (proxy) => {
    expect(() => readSettings({ HTTP_PROXY: proxy })).toThrow('HTTP_PROXY: must be an http:// or https:// URL');
  });
});
