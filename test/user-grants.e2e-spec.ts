import type { Settings } from '../src/config/settings.js';
import {
  AUTHORIZATION_SERVERS,
  type AuthorizationServer,
  PersonDemand,
  startAuthorizationServer,
} from './support/authorization/authorization-server.js';
import { Browser } from './support/authorization/browser.js';
import { complete } from './support/chat/chat.js';
import { closesAfterEach } from './support/ends.js';
import { errorAnswer, get, jsonAnswer, post, request, told } from './support/exchange.js';
import { freePort } from './support/network/free-port.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { hs256, inSeconds } from './support/authorization/jwt.js';
import { modern } from './support/clients/mcp-wire.js';
import { USERS } from './support/authorization/person-grant-settings.js';
import { opensForFile } from './support/process/opening-process.js';
import { RawMcpServer, textResult } from './support/raw-mcp-server.js';
import { SocketClient } from './support/clients/socket-client.js';
import { until } from './support/until.js';

const [ANN, BOB] = ['ann', 'bob'].map((name) => ({ authorization: `Bearer ${name}-key-1234567890` })) as unknown as [Caller, Caller];
const KEYS = 'ann:ann-key-1234567890,bob:bob-key-1234567890';
type Caller = Readonly<Record<string, string>>;

/** A client of MCP that takes links, and is Ann's. */
const LINKS = { meta: { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { url: {} } } }, headers: ANN };
const closing = closesAfterEach();
const issuers = opensForFile(AUTHORIZATION_SERVERS);

describe("[AC8] each user's grant", () => {
  let issuer: AuthorizationServer;
  let demand: PersonDemand;
  let server: RawMcpServer;
  beforeEach(async () => {
    issuer = closing(await startAuthorizationServer(issuers));
    demand = new PersonDemand(issuer.url);
    const on = {
      'tools/call': async (exchange: { headers: { authorization?: string }; result(result: unknown): void }) =>
        exchange.result(textResult((await demand.judge(exchange.headers.authorization))?.sub ?? 'nobody')),
    };
    server = closing(await RawMcpServer.start({ guard: demand.guard, on }));
    demand.of(server);
  });

  const serve = async (env: Record<string, string> = {}, more: Partial<Settings> = {}) => {
    const all = { API_KEYS: KEYS, ALLOW_GRANT_BY_LINK: 'true', ...env };
    return closing(await startGatewayHere(all, [httpUpstream(server.url, { name: 'mail', oauth: USERS })], more));
  };
  const call = (gateway: GatewayHere, headers: Readonly<Record<string, string>>) => post(gateway.url, '/v1/tools/work', {}, headers);
  const linkIn = async (gateway: GatewayHere, headers: Readonly<Record<string, string>>) => {
    const { status, text } = await call(gateway, headers);
    expect(status).toBe(403);
    return (JSON.parse(text) as { error: { details: { url: string } } }).error.details.url;
  };

  it('is asked for by a link in the words of a refused call; each user then sees their own', async () => {
    const gateway = await serve();
    const answer = await call(gateway, ANN);
    const url = await linkIn(gateway, ANN);
    expect(url).toMatch(/^http:\/\/localhost:\d+\/oauth\/authorize\/[\w-]{43}$/);
    expect(told(answer)).toEqual(
      errorAnswer(403, {
        type: 'permission_error',
        message: `The MCP server "mail" needs the user's authorization first. Ask the user to open ${url} in a browser within ten minutes, and to authorize it there; then call the tool again. The tool did not run.`,
        details: { reason: 'authorization_required', server: 'mail', url },
      }),
    );
    expect(await new Browser('ann-there').open(url)).toMatchObject({ status: 200, text: expect.stringContaining('may use') });
    expect(told(await call(gateway, ANN))).toEqual(jsonAnswer('"ann-there"'));
    await new Browser('bob-there').open(await linkIn(gateway, BOB));
    expect(told(await call(gateway, BOB))).toEqual(jsonAnswer('"bob-there"'));
    expect(told(await call(gateway, ANN))).toEqual(jsonAnswer('"ann-there"'));
    expect(demand.callers).toEqual(['ann-there', 'bob-there', 'ann-there']);
  });

  it('is asked for by a question over a socket, whose call fails all the same and is made by nobody else', async () => {
    const gateway = await serve();
    const client = await SocketClient.open(gateway.url, { headers: ANN });
    closing({ close: () => client.close().then(() => undefined) });
    client.call('first', 'work');
    const asked = await client.next('elicitation_request', 'first');
    const { url, id } = asked.data as { url: string; id: string };
    expect(asked.data).toEqual({
      mode: 'url',
      message: 'Authorize the MCP server "mail" in a browser.',
      url: expect.stringMatching(/\/oauth\/authorize\//),
      elicitationId: expect.any(String),
      id,
      name: 'work',
    });
    await new Browser('ann-there').open(url);
    client.say('elicitation_response', { id, action: 'accept' }, 'first');
    expect((await client.end('first')).data).toMatchObject({ status: 403, error: { details: { reason: 'authorization_required', url } } });
    expect(demand.callers).toEqual([]);
    client.call('second', 'work');
    expect((await client.end('second')).data['result']).toBe('ann-there');
  });

  it('is asked for by a question over MCP, of clients that take links', async () => {
    const gateway = await serve();
    const url = `${gateway.url}/mcp`;
    const asked = (await modern(url, 'tools/call', { name: 'work' }, LINKS)).message.result as {
      resultType: string;
      inputRequests: Record<string, { method: string; params: { url: string } }>;
      requestState: string;
    };
    expect(asked.resultType).toBe('input_required');
    const [[key, question]] = Object.entries(asked.inputRequests) as [[string, { method: string; params: { mode: string; url: string } }]];
    expect([question.method, question.params.mode]).toEqual(['elicitation/create', 'url']);
    await new Browser('ann-there').open(question.params.url);
    const answered = { name: 'work', inputResponses: { [key]: { action: 'accept' } }, requestState: asked.requestState };
    expect((await modern(url, 'tools/call', answered, LINKS)).message.result).toMatchObject({ isError: true });
    expect(demand.callers).toEqual([]);
    const { result } = (await modern(url, 'tools/call', { name: 'work' }, LINKS)).message;
    expect(result).toMatchObject({ content: [{ type: 'text', text: 'ann-there' }] });
  });

  it('[EP1] is asked for by the link in a chat, too; nothing runs until the user says it again', async () => {
    const more = { name: 'mail', oauth: USERS, shareCatalog: true, trustAnnotations: true };
    server.tools = [{ name: 'work', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }];
    const env = { API_KEYS: KEYS, ALLOW_GRANT_BY_LINK: 'true' };
    const gateway = closing(await startGatewayHere(env, [httpUpstream(server.url, more)]));
    const say = async (headers: Caller) => {
      const { status, text } = await complete(
        gateway.url,
        { model: 'mcpo-assistant', messages: [{ role: 'user', content: '/work' }] },
        headers,
      );
      expect(status).toBe(200);
      return (JSON.parse(text) as { choices: [{ message: { content: string } }] }).choices[0].message.content;
    };
    await new Browser('ann-there').open(await linkIn(gateway, ANN));
    expect((await call(gateway, ANN)).status).toBe(200);
    const said = await until('the assistant knows the tool', async () => {
      const content = await say(BOB);
      return content.includes('authorization') && content;
    });
    const [url] = /http:\/\/localhost:\d+\/oauth\/authorize\/[\w-]{43}/.exec(said) ?? [''];
    await new Browser('bob-there').open(url);
    expect(demand.callers).toEqual(['ann-there']);
    expect(await say(BOB)).toContain('bob-there');
    expect(demand.callers).toEqual(['ann-there', 'bob-there']);
  });

  it('[S7] a link is good for one who goes on from it, and is not used up by being looked at', async () => {
    const gateway = await serve();
    const url = await linkIn(gateway, ANN);
    for (let look = 0; look < 2; look += 1) expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { method: 'POST', redirect: 'manual' })).status).toBe(303);
    expect((await fetch(url, { method: 'POST', redirect: 'manual' })).status).toBe(404);
    expect((await fetch(url)).status).toBe(404);
  });

  it('[S7] a link is good for ten minutes', async () => {
    const gateway = await serve();
    const url = await linkIn(gateway, ANN);
    const givenAt = performance.now();
    const clock = jest.spyOn(performance, 'now');
    clock.mockReturnValue(givenAt + 595_000);
    expect((await fetch(url)).status).toBe(200);
    clock.mockReturnValue(givenAt + 600_001);
    expect((await fetch(url)).status).toBe(404);
    expect((await fetch(url, { method: 'POST', redirect: 'manual' })).status).toBe(404);
    clock.mockRestore();
  });

  it('[S7] only the browser that went on from the link can end it: what another granted is not taken', async () => {
    const gateway = await serve();
    const url = await linkIn(gateway, ANN);
    const { url: there } = await new Browser('ann').open(url, ({ origin }) => origin === issuer.url);
    const victim = await new Browser('victim').open(there);
    expect([victim.status, victim.text]).toEqual([400, expect.stringContaining('was begun in another browser')]);
    expect((await call(gateway, ANN)).status).toBe(403);
    expect(demand.callers).toEqual([]);
  });

  it('is listed without secrets, for its user alone, and taken back', async () => {
    const gateway = await serve();
    await new Browser('ann').open(await linkIn(gateway, ANN));
    expect((await call(gateway, ANN)).status).toBe(200);
    const { text } = await get(gateway.url, '/v1/grants', { ...ANN });
    const at = expect.stringMatching(/^\d{4}-/) as string;
    expect(JSON.parse(text)).toEqual({
      grants: [{ server: 'mail', owner: '["key","ann","ann"]', scope: 'read', grantedAt: at, expiresAt: at, refreshable: true }],
    });
    expect(JSON.parse((await get(gateway.url, '/v1/grants', { ...BOB })).text)).toEqual({ grants: [] });
    const revoke = (headers: Caller) => request(gateway.url, '/v1/grants/mail', { method: 'DELETE', headers: { ...headers } });
    expect((await revoke(BOB)).status).toBe(404);
    expect(await revoke(ANN)).toMatchObject({ status: 200, text: '{"server":"mail","revoked":true}' });
    expect((await call(gateway, ANN)).status).toBe(403);
    expect(JSON.parse((await get(gateway.url, '/v1/grants', { ...ANN })).text)).toEqual({ grants: [] });
  });

  it('is asked for anew when the server wants more for a tool, and when it is refused for good', async () => {
    const gateway = await serve();
    await new Browser('ann').open(await linkIn(gateway, ANN));
    expect((await call(gateway, ANN)).status).toBe(200);
    demand.wantsWrite = true;
    const browser = new Browser('ann');
    await browser.open(await linkIn(gateway, ANN));
    expect(browser.visited.find((url) => url.startsWith(`${issuer.url}/auth?`))).toMatch(/scope=[^&]*write/);
    expect(told(await call(gateway, ANN))).toEqual(jsonAnswer('"ann"'));
  });

  it('[S7] is not had by callers whom the gateway does not know, nor where nobody can be confirmed', async () => {
    const message = `The MCP server "mail" acts for single users, and the gateway cannot tell for whom: call it as a user that the gateway knows, where whoever runs it has set OIDC_CLIENT_ID or ALLOW_GRANT_BY_LINK. The tool did not run.`;
    const refused = errorAnswer(403, { type: 'permission_error', message, details: { reason: 'authorization_required', server: 'mail' } });
    expect(told(await call(await serve({ API_KEYS: '', ALLOW_ANONYMOUS: 'true' }), {}))).toEqual(refused);
    expect(told(await call(await serve({ ALLOW_GRANT_BY_LINK: 'false' }), ANN))).toEqual(refused);
  });

  const SIGN_IN = "[S7] with OIDC_CLIENT_ID the link's user has to sign in; another who opens it gets no further; --strict-auth: %p";
  it.each([false, true])(SIGN_IN, async (strictAuth) => {
    const port = await freePort();
    const base = `http://localhost:${port}`;
    const company = closing(await startAuthorizationServer(issuers, [`${base}/oauth/signed-in`]));
    const secret = 'of-open-webui-1234567890';
    const env = {
      PUBLIC_URL: base,
      OIDC_ISSUER: company.url,
      JWT_AUDIENCE: 'us',
      OIDC_CLIENT_ID: 'gateway',
      OIDC_CLIENT_SECRET: 'gateway:secret+50%25',
      ALLOW_GRANT_BY_LINK: 'false',
      FORWARD_USER_INFO_HEADER_JWT_SECRET: secret,
    };
    const gateway = await serve(env, { strictAuth });
    const ann = {
      ...ANN,
      'x-openwebui-user-jwt': hs256({ iss: 'open-webui', sub: 'id-of-ann', email: 'Ann@example.test', exp: inSeconds(600) }, secret),
    };
    const url = await linkIn(gateway, ann);
    const mallory = new Browser('mallory', [base, gateway.url]);
    const refused = await mallory.open(url);
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('signed in as another user than Ann@example.test')]);
    expect(mallory.visited.filter((each) => each.startsWith(issuer.url))).toEqual([]);
    const again = await until('there is a new link', async () => linkIn(gateway, ann));
    expect(again).not.toBe(url);
    expect(await new Browser('ann', [base, gateway.url]).open(again)).toMatchObject({ status: 200 });
    expect(told(await call(gateway, ann))).toEqual(jsonAnswer('"ann"'));
  });
});
