import { closesAfterEach } from './support/ends.js';
import { get } from './support/exchange.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { OPERATORS } from './support/authorization/person-grant-settings.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { type ScriptedIssuer, startScriptedIssuer, tokens } from './support/authorization/scripted-issuer.js';
import { untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const PUBLIC_URL = 'https://tools.example/gateway';
const CLIENT = `${PUBLIC_URL}/oauth/client.json`;
const closing = closesAfterEach();

describe('[AC8] how the gateway is known to an authorization server', () => {
  let issuer: ScriptedIssuer;
  let server: RawMcpServer;
  let forms: URLSearchParams[];
  beforeEach(async () => {
    forms = [];
    issuer = closing(await startScriptedIssuer());
    issuer.token = (response, form) => (forms.push(form), tokens({})(response, form));
    server = closing(
      await RawMcpServer.start({
        guard: (exchange) => {
          const isGood = exchange.headers.authorization === 'Bearer token-1';
          if (!isGood) exchange.send(401, '', { 'www-authenticate': 'Bearer scope="read"' });
          return isGood;
        },
      }),
    );
    server.elsewhere = (exchange) =>
      exchange.request.url?.startsWith('/.well-known/oauth-protected-resource')
        ? exchange.json(200, {
            resource: server.url,
            authorization_servers: [issuer.url],
            scopes_supported: ['all', 'that', 'there', 'is'],
          })
        : exchange.send(404);
  });

  const asked = async (env: Record<string, string>, more: object = {}) => {
    const gateway = closing(await startGatewayHere(env, [httpUpstream(server.url, { oauth: { ...OPERATORS, ...more } })]));
    const link = await until('there is a link', async () => {
      const { servers } = JSON.parse((await get(gateway.url, '/v1/servers')).text) as { servers: { authorizeUrl?: string }[] };
      return servers[0]?.authorizeUrl;
    });
    return { gateway, query: new URL(link).searchParams };
  };

  it('is by its metadata document where that is taken and PUBLIC_URL is https: nothing is registered', async () => {
    issuer.metadata = { client_id_metadata_document_supported: true };
    const { gateway, query } = await asked({ PUBLIC_URL });
    expect([query.get('client_id'), query.get('redirect_uri')]).toEqual([CLIENT, `${PUBLIC_URL}/oauth/callback`]);
    const document = await get(gateway.url, '/oauth/client.json');
    expect([document.status, JSON.parse(document.text)]).toEqual([
      200,
      {
        client_id: CLIENT,
        client_name: 'mcpo-proxy',
        redirect_uris: [`${PUBLIC_URL}/oauth/callback`],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      },
    ]);
    const back = `/oauth/callback?${new URLSearchParams({ state: query.get('state') ?? '', code: 'a-code' }).toString()}`;
    expect((await get(gateway.url, back)).status).toBe(200);
    await untilPublished(gateway, 'work');
    expect(Object.fromEntries(forms[0] ?? [])).toEqual({
      grant_type: 'authorization_code',
      code: 'a-code',
      code_verifier: expect.stringMatching(/^[\w.~-]{43,128}$/) as string,
      redirect_uri: `${PUBLIC_URL}/oauth/callback`,
      resource: server.url,
      client_id: CLIENT,
    });
  });

  it('is by its own pages, which a browser may send forms from also where a proxy asks for them by another name', async () => {
    const { gateway } = await asked({ PUBLIC_URL });
    const sent = async (origin: string) =>
      (await fetch(`${gateway.url}/oauth/authorize/none`, { method: 'POST', headers: { origin } })).status;
    expect(await Promise.all(['https://tools.example', 'https://tools.example.evil', 'null'].map(sent))).toEqual([404, 403, 403]);
  });

  it.each<[string, Record<string, string>, boolean]>([
    ['the authorization server does not take documents', { PUBLIC_URL }, false],
    ['nobody could fetch one', {}, true],
  ])('is by registration where %s', async (_, env, takesDocuments) => {
    issuer.metadata = { client_id_metadata_document_supported: takesDocuments };
    const { gateway, query } = await asked(env);
    expect(query.get('client_id')).toBe('us');
    expect((await get(gateway.url, '/oauth/client.json')).status).toBe('PUBLIC_URL' in env ? 200 : 404);
  });

  it.each([
    ['those that the server wants, and no more', {}, 'read'],
    ['those of the settings, too', { scope: 'write' }, 'read write'],
  ])('scopes are %s', async (_, more, scope) => {
    expect((await asked({}, more)).query.get('scope')).toBe(scope);
  });
});
