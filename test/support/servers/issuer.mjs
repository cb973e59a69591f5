import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { json } from 'node:stream/consumers';
import Provider from 'oidc-provider';
import { serveOpening } from './opening.mjs';

// OpenID Connect issuers: oidc-provider with one client that gets access tokens (JWT) for the audience that it names as `resource`,
// signed by ES256 where that ends in `:es`.
// POST /test/lifetime?seconds=N is for the tokens from then on, POST /test/asked tells how often any was asked for.
// POST /test/client-keys gives it a second client, `signer`, which signs by one of these public keys, and has no secret.
// POST /test/rotate gives it another key; POST /test/clock?seconds=N moves its clock, which
// is right again when the next one is opened, and nothing else is not real.

const OF_CLIENTS = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };

const realNow = Date.now.bind(Date);
const firstKeys = newKeys();

await serveOpening((url) => {
  let provider;
  let keys = firstKeys;
  let fetchedKeys = 0;
  let asked = 0;
  let lifetime = 3600;
  let clientKeys = [];
  moveClock(0);
  provide();

  function handle(request, response) {
    const { pathname, searchParams } = new URL(request.url, url);
    if (pathname === '/test/client-keys') return void json(request).then((given) => response.end(provide((clientKeys = given))));
    if (pathname === '/test/rotate') return response.end(rotate());
    if (pathname === '/test/clock') return response.end(moveClock(Number(searchParams.get('seconds'))));
    if (pathname === '/test/fetched') return response.end(String(fetchedKeys));
    if (pathname === '/test/lifetime') return response.end(String((lifetime = Number(searchParams.get('seconds')))));
    if (pathname === '/test/asked') return response.end(String(asked));
    if (pathname === '/jwks') fetchedKeys += 1;
    if (pathname === '/token') asked += 1;
    return provider.callback()(request, response);
  }

  function rotate() {
    keys = newKeys();
    return provide();
  }

  function provide() {
    provider = new Provider(url, {
      jwks: { keys },
      clients: [
        { client_id: 'client', client_secret: 'client-secret', ...OF_CLIENTS },
        { client_id: 'signer', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: clientKeys }, ...OF_CLIENTS },
      ],
      clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'ES256', 'ES384', 'ES512'] },
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_, resource) => ({
            scope: '',
            audience: resource,
            accessTokenTTL: 3600,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: resource.endsWith(':es') ? 'ES256' : 'RS256' } },
          }),
        },
      },
      ttl: { ClientCredentials: () => lifetime },
      extraTokenClaims: () => ({
        name: 'Ann Ö',
        email: 'ann@example.test',
        role: 'planner',
        groups: 'staff',
        teams: ['a, b', 7, 'c', '', null, 'd\n'],
      }),
    });
    return 'done';
  }

  function moveClock(seconds) {
    Date.now = () => realNow() + seconds * 1000;
    return 'done';
  }
  return handle;
});

function newKeys() {
  return [
    {
      ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
      alg: 'RS256',
      use: 'sig',
      kid: randomUUID(),
    },
    {
      ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
      alg: 'ES256',
      use: 'sig',
      kid: randomUUID(),
    },
  ];
}
