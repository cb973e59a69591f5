import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ClientCredentialsSettings } from '@app/mcp-transport';
import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { closesAfterEach } from './support/ends.js';
import { errorAnswer, get, jsonAnswer, post, told } from './support/exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { type Issuer, ISSUERS, startIssuer } from './support/authorization/issuer.js';
import { A_JWT } from './support/authorization/jwt.js';
import { opensForFile } from './support/process/opening-process.js';
import { startGateway } from './support/processes.js';
import { RawMcpServer, type RawServerOptions, textResult } from './support/raw-mcp-server.js';
import { answerTo, RawSseServer } from './support/raw-sse-server.js';
import { temporaryFolder } from './support/recorded.js';
import { TokenDemand } from './support/authorization/token-demand.js';
import { publishedTools, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const SECRET = 'client-secret';
const CLIENT: ClientCredentialsSettings = {
  kind: 'client_credentials',
  clientId: 'client',
  clientSecret: SECRET,
  tokenUrl: undefined,
  issuer: undefined,
  scope: undefined,
  resource: undefined,
  authentication: undefined,
  allowPrivateAddresses: false,
};

/** What a caller is told where it is the gateway that is refused. */
const ownRefused = (status: number) => ({
  type: 'upstream_error',
  message: `The MCP server "default" refused the gateway's own credentials (HTTP ${status}): whoever runs the gateway has to renew them. The tool did not run.`,
  details: { server: 'default', status, reason: 'gateway_credentials' },
});

const closing = closesAfterEach();
const issuers = opensForFile(ISSUERS);
const folder = temporaryFolder();

/** Answers every request so, on a port that the OS gave; counts them. */
async function startHttp(answer: RequestListener) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return closing({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, count: () => requests, close });
}

describe("[AC8] access tokens by a client's own credentials", () => {
  let issuer: Issuer;
  beforeEach(async () => {
    issuer = closing(await startIssuer(issuers));
  });

  const startServer = async (options: RawServerOptions = {}) => {
    const demand = new TokenDemand(issuer);
    const server = closing(await RawMcpServer.start({ guard: demand.guard, ...options }));
    demand.audience = server.url;
    return { demand, server };
  };

  const serve = async (
    server: { readonly url: string },
    oauth: Partial<ClientCredentialsSettings>,
    more: Partial<HttpUpstreamSettings> = {},
  ) => {
    const upstream = httpUpstream(server.url, { oauth: { ...CLIENT, ...oauth }, ...more });
    return closing(await startGatewayHere({}, [upstream]));
  };

  const written = () => ({ tokenUrl: `${issuer.url}/token` });
  const call = (gateway: GatewayHere, headers: Readonly<Record<string, string>> = {}) => post(gateway.url, '/v1/tools/work', {}, headers);
  const status = (gateway: GatewayHere) => gateway.app.get(McpClient).upstreams[0]?.status();

  /** Why the server is not there, once an attempt to connect has failed. */
  const failure = async (gateway: GatewayHere) => {
    await until('connecting has failed', () => status(gateway)?.lastError !== undefined);
    const { state, lastError } = status(gateway) ?? {};
    return { state, lastError };
  };

  it('go with every request; one is asked for, however many wait', async () => {
    const { demand, server } = await startServer();
    const gateway = await serve(server, written());
    await untilPublished(gateway, 'work');
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(gateway)));
    for (const answer of answers) expect(told(answer)).toEqual(jsonAnswer('"done"'));
    await until('the standing stream is open', () => server.openStreams.size > 0);
    expect(demand.refused).toEqual([]);
    expect(new Set(demand.passed).size).toBe(1);
    expect(new Set(server.exchanges.map(({ request }) => request.method))).toEqual(new Set(['POST', 'GET']));
    expect(await issuer.asked()).toBe(1);
  });

  it('are asked for anew when the server refuses the one that there is, once for all; no call runs twice', async () => {
    const { demand, server } = await startServer();
    const gateway = await serve(server, written());
    await untilPublished(gateway, 'work');
    // Its request would be refused beside those of the calls.
    await until('the standing stream is open', () => server.openStreams.size > 0);
    // The token, which is there by now, is asked for no more than once a second.
    const thereAt = performance.now();
    await until('the token is older than a second', () => performance.now() - thereAt > 1_100);
    await issuer.rotate();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(gateway)));
    for (const answer of answers) expect(told(answer)).toEqual(jsonAnswer('"done"'));
    expect(await issuer.asked()).toBe(2);
    expect(server.received('tools/call').length - demand.refused.length).toBe(20);
    expect(new Set(demand.refused).size).toBe(1);
  });

  it('are asked for ahead of their end: calls go on', async () => {
    await issuer.setLifetime(3);
    const { server } = await startServer();
    const gateway = await serve(server, written());
    await untilPublished(gateway, 'work');
    await until('a third token was asked for', async () => {
      expect(told(await call(gateway))).toEqual(jsonAnswer('"done"'));
      return (await issuer.asked()) >= 3;
    });
  });

  it('that are refused again and again are told in words that a model can pass on, and asked for no more than once a second', async () => {
    const { demand, server } = await startServer();
    const gateway = await serve(server, written());
    await untilPublished(gateway, 'work');
    demand.refusesAll = true;
    const startedAt = performance.now();
    for (let number = 0; number < 20; number += 1) expect(told(await call(gateway))).toEqual(errorAnswer(502, ownRefused(401)));
    const seconds = Math.ceil((performance.now() - startedAt) / 1_000);
    expect(await issuer.asked()).toBeLessThanOrEqual(2 + seconds);
    expect(demand.refused.length).toBeLessThanOrEqual(21 + seconds);
  });

  it.each<[string, Partial<HttpUpstreamSettings>]>([
    ['one token for all', {}],
    ['beside what callers bring', { forwardHeaders: ['x-teams-auth-token'] }],
  ])("that are refused are told as the gateway's own: %s", async (_, more) => {
    const { demand, server } = await startServer();
    const gateway = await serve(server, written(), more);
    await untilPublished(gateway, 'work');
    demand.refusesAll = true;
    for (const headers of [{}, { 'x-teams-auth-token': 'ann' }] as Readonly<Record<string, string>>[])
      expect(told(await call(gateway, headers))).toEqual(errorAnswer(502, ownRefused(401)));
  });

  it.each([401, 403])("[S7] headers of the settings that the server refuses with %d are told as the gateway's own", async (status) => {
    const server = closing(await RawMcpServer.start({ on: { 'tools/call': (exchange) => exchange.send(status) } }));
    const forwardHeaders = ['x-teams-auth-token'];
    const gateway = closing(
      await startGatewayHere({}, [httpUpstream(server.url, { headers: { authorization: 'Bearer x' }, forwardHeaders })]),
    );
    await untilPublished(gateway, 'work');
    expect(told(await call(gateway))).toEqual(errorAnswer(502, ownRefused(status)));
    const message = `The MCP server "default" refused the credentials that came with the call (HTTP ${status}).`;
    expect(told(await call(gateway, { 'x-teams-auth-token': 'ann' }))).toEqual(
      errorAnswer(403, { type: 'permission_error', message, details: { reason: 'upstream_credentials', server: 'default' } }),
    );
  });

  it('that can be had no more are why a call does not run, and told so', async () => {
    let isRefused = false;
    const { url } = await startHttp((_, response) => {
      if (isRefused) response.writeHead(401).end('{"error":"invalid_client"}');
      else response.end(JSON.stringify({ access_token: 'a', token_type: 'Bearer', expires_in: 1 }));
    });
    const server = closing(await RawMcpServer.start());
    const gateway = await serve(server, { tokenUrl: `${url}/token` });
    await untilPublished(gateway, 'work');
    isRefused = true;
    const answer = await until('the token has ended', async () => {
      const { status, text } = await call(gateway);
      return status !== 200 && { status, ...(JSON.parse(text) as { error: object }) };
    });
    expect(answer).toMatchObject({
      status: 503,
      error: {
        type: 'upstream_unavailable',
        details: {
          server: 'default',
          reason: 'No access token: the authorization server refuses the client (invalid_client). The tool did not run.',
        },
      },
    });
  });

  it.each([
    '0',
    '-1',
    '-1e9',
    'null',
    '""',
    '[]',
    '"0"',
    '" "',
    'false',
    '0.0001',
    '1e-300',
    '{}',
    '[1,2]',
    '"soon"',
    '1e999',
    '"Infinity"',
  ])('are not asked for with each call where expires_in is %s', async (seconds) => {
    const { url, count } = await startHttp((_, response) =>
      response.end(`{"access_token":"a","token_type":"Bearer","expires_in":${seconds}}`),
    );
    const server = closing(await RawMcpServer.start());
    const gateway = await serve(server, { tokenUrl: `${url}/token` });
    await until('the tool is published', async () => (await publishedTools(gateway)).includes('work'));
    const startedAt = performance.now();
    for (let number = 0; number < 30; number += 1) expect(told(await call(gateway))).toEqual(jsonAnswer('"done"'));
    // A token of hardly any life serves a second.
    expect(count()).toBeLessThanOrEqual(2 + (performance.now() - startedAt) / 1_000);
  });

  it('[S7] leave a caller their own Authorization, where the server is to have it', async () => {
    const { demand, server } = await startServer();
    const gateway = await serve(server, written(), { forwardHeaders: ['authorization'] });
    await untilPublished(gateway, 'work');
    expect(await call(gateway, { authorization: 'Bearer of-the-caller' })).toMatchObject({ status: 403 });
    expect(demand.refused).toEqual(['Bearer of-the-caller']);
  });

  it('go over SSE, too', async () => {
    const server = closing(await RawSseServer.start({ on: { 'tools/call': (posted) => answerTo(posted, textResult('done')) } }));
    const gateway = await serve({ url: `${server.origin}/sse` }, written(), { transport: 'sse' });
    await untilPublished(gateway, 'work');
    expect(told(await call(gateway))).toEqual(jsonAnswer('"done"'));
    const sent = [...server.gets, ...server.posted.map(({ headers }) => headers)].map(({ authorization }) => authorization);
    expect(new Set(sent)).toEqual(new Set([expect.stringMatching(/^Bearer eyJ/)]));
  });

  it.each<Partial<HttpUpstreamSettings>>([
    {},
    { transport: 'sse' },
    { transport: 'streamable-http', protocol: 'modern' },
    { protocol: 'legacy' },
  ])('a client that is refused makes the server one that needs credentials, and says so, without the secret: %j', async (more) => {
    const { demand, server } = await startServer();
    const gateway = await serve(server, { ...written(), clientSecret: 'wrong-secret' }, more);
    const lastError = 'No access token: the authorization server refuses the client (invalid_client).';
    expect(await failure(gateway)).toEqual({ state: 'needs_auth', lastError });
    expect(server.exchanges).toEqual([]);
    expect(demand.refused).toEqual([]);
  });

  it('an authorization server that is away makes the server one that is away, until it is back', async () => {
    const { server } = await startServer();
    let isAway = true;
    const { url } = await startHttp((request, response) => {
      if (isAway) return void request.socket.destroy();
      void issuer
        .token(server.url)
        .then((token) => response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 60 })));
    });
    const gateway = await serve(server, { tokenUrl: `${url}/token` });
    expect(await failure(gateway)).toEqual({
      state: 'degraded',
      lastError: expect.stringMatching(/^No access token: the authorization server cannot be reached \(/),
    });
    isAway = false;
    await untilPublished(gateway, 'work');
    expect(told(await call(gateway))).toEqual(jsonAnswer('"done"'));
  });

  describe('[S7] an authorization server that means ill', () => {
    it.each<[string, RequestListener, string]>([
      [
        'redirects',
        (_, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/x' }).end(),
        'answered with a redirect, which is not followed.',
      ],
      ['answers without end', (_, response) => response.end('x'.repeat(300_000)), 'answered with more than 262144 bytes.'],
      ['answers no JSON', (_, response) => response.end(`CANARY ${SECRET}`), 'what the authorization server answered cannot be read.'],
      [
        'repeats the secret',
        (_, response) => response.writeHead(400).end(JSON.stringify({ error: SECRET, error_description: SECRET })),
        'the authorization server refuses the client (error).',
      ],
      ['fails', (_, response) => response.writeHead(500).end(SECRET), 'the authorization server failed (server_error).'],
      [
        'gives a token that would be two headers',
        (_, response) => response.end(JSON.stringify({ access_token: 'a\r\nx-evil: 1', token_type: 'Bearer' })),
        'answered with what is no token.',
      ],
      [
        'gives other tokens',
        (_, response) => response.end(JSON.stringify({ access_token: 'a', token_type: 'DPoP' })),
        'gives no bearer tokens.',
      ],
    ])('that %s is told, and the MCP server gets nothing', async (_, answer, reason) => {
      const { url } = await startHttp(answer);
      const { server } = await startServer();
      const { lastError } = await failure(await serve(server, { tokenUrl: `${url}/token` }));
      expect(lastError).toMatch(/^No access token: /);
      expect(lastError?.replace(`${url} `, '')).toBe(`No access token: ${reason}`);
      expect(server.exchanges).toEqual([]);
    });

    it('sees its redirect followed nowhere, not even to itself', async () => {
      const elsewhere = await startHttp((_, response) => response.end());
      const { url, count } = await startHttp((request, response) =>
        response.writeHead(308, { location: request.url === '/token' ? '/other' : elsewhere.url }).end(),
      );
      const { server } = await startServer();
      const { lastError } = await failure(await serve(server, { tokenUrl: `${url}/token` }));
      expect(lastError).toBe(`No access token: ${url} answered with a redirect, which is not followed.`);
      expect([count(), elsewhere.count()]).toEqual([1, 0]);
    });
  });

  describe('where the MCP server says where they are had', () => {
    /** A server that names an authorization server in its resource metadata, and these in its challenge. */
    const startNaming = async (named: string, resource?: string) => {
      const { demand, server } = await startServer();
      const { origin } = new URL(server.url);
      demand.challenge = `Bearer resource_metadata="${origin}/metadata"`;
      server.elsewhere = (exchange) => {
        if (exchange.request.url !== '/metadata') return exchange.send(404);
        exchange.json(200, { resource: resource ?? server.url, authorization_servers: [named] });
      };
      return { demand, server };
    };

    it('are had there, for the server, if the settings name the same issuer', async () => {
      const { demand, server } = await startNaming(issuer.url);
      const gateway = await serve(server, { issuer: issuer.url });
      await untilPublished(gateway, 'work');
      expect(told(await call(gateway))).toEqual(jsonAnswer('"done"'));
      // The question for the place alone was asked without a token.
      expect(demand.refused).toEqual([undefined]);
      expect(await issuer.asked()).toBe(1);
    });

    it('[S7] are not asked for at another issuer than the one of the settings', async () => {
      const evil = await startHttp((_, response) => response.end('{}'));
      const { server } = await startNaming(evil.url);
      const lastError = 'No access token: the MCP server names another authorization server than "issuer" in oauth.';
      expect(await failure(await serve(server, { issuer: issuer.url, allowPrivateAddresses: true }))).toEqual({
        state: 'needs_auth',
        lastError,
      });
      expect([evil.count(), await issuer.asked()]).toEqual([0, 0]);
    });

    it('[S7] nothing is fetched from private addresses that it names, unless they are allowed', async () => {
      const { server } = await startNaming(issuer.url);
      const { lastError } = await failure(await serve(server, {}));
      expect(lastError).toBe(
        `No access token: ${issuer.url}, which the server names, is at a private address; if it is meant, say "allowPrivateAddresses": true, or its "tokenUrl", in oauth.`,
      );
      expect(await issuer.asked()).toBe(0);
      const allowed = await serve(server, { allowPrivateAddresses: true });
      await untilPublished(allowed, 'work');
    });

    it.each([
      'http://169.254.169.254',
      'https://169.254.169.254',
      'https://[::1]',
      'http://10.0.0.1',
      'https://localhost',
      'https://[::ffff:127.0.0.1]',
    ])('[S7] nor its metadata from %s', async (origin) => {
      const { demand, server } = await startServer();
      demand.challenge = `Bearer resource_metadata="${origin}/latest/meta-data"`;
      const { lastError } = await failure(await serve(server, {}));
      expect(lastError).toMatch(/^No access token: \S+, which the server names, is at a private address;/);
    });

    it('[S7] nor from a place that is not https', async () => {
      const { server } = await startNaming('http://issuer.example');
      const { lastError } = await failure(await serve(server, { allowPrivateAddresses: true }));
      expect(lastError).toBe('No access token: http://issuer.example, which the server names, is not https.');
    });

    it('[S7] a server cannot ask for tokens for another one', async () => {
      const { server } = await startNaming(issuer.url, 'https://other.example/mcp');
      const { lastError } = await failure(await serve(server, { issuer: issuer.url }));
      expect(lastError).toBe('No access token: the resource metadata of the MCP server is that of another one.');
      expect(await issuer.asked()).toBe(0);
    });
  });

  it('[S6] neither secret nor token is shown anywhere, even where the server repeats it', async () => {
    const { server } = await startServer({
      on: { initialize: (exchange) => exchange.error(-32_000, `no: ${exchange.headers.authorization} ${SECRET}`) },
    });
    const config = path.join(folder(), 'mcp.json');
    const oauth = { grant: 'client_credentials', ...written(), clientId: 'client', clientSecret: '${OAUTH_SECRET}' };
    writeFileSync(config, JSON.stringify({ mcpServers: { guarded: { url: server.url, oauth } } }));
    const env = { LOG_LEVEL: 'debug', OAUTH_SECRET: SECRET };
    const gateway = closing(await startGateway({ args: ['--config', config], env }));
    const servers = async () => (await get(gateway.url, '/v1/servers')).text;
    await until('the refusal is told', async () => (await servers()).includes('[hidden]'));
    const answer = await post(gateway.url, '/v1/tools/guarded_work', {});
    expect(answer.status).toBe(503);
    const sinks = [...gateway.stdout, ...gateway.stderr, await servers(), (await get(gateway.url, '/health/mcp')).text, answer.text];
    expect(sinks.join('\n')).not.toMatch(/client-secret/);
    expect(sinks.join('\n')).not.toMatch(A_JWT);
  });
});
