import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';
import { serveOpening } from './opening.mjs';

// Authorization servers with people: oidc-provider with its own forms for signing in (anybody may, by any name) and consent, which
// registers clients, refreshes with rotation, revokes, and gives tokens (JWT) for the resource that is asked for.
// POST /test/lifetime?seconds=N is for access tokens from then on; GET /test/asked tells what grants were asked for so far, GET /test/registered
// the metadata of clients that registered themselves. POST /test/hold?hold=true has requests for tokens wait, before anything is done about them, until
// it is false; GET /test/held tells how many wait. Those whose client has gone are forgotten.

const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

await serveOpening((url, { redirectUris }) => {
  const asked = [];
  const registered = [];
  const held = new Set();
  let holds = false;
  let lifetime = 3600;

  const provider = new Provider(url, {
    jwks: { keys: [{ ...jwk, alg: 'RS256', use: 'sig', kid: 'one' }] },
    clients: [
      {
        client_id: 'gateway',
        // Says something else where it is not form-encoded.
        client_secret: 'gateway:secret+50%25',
        redirect_uris: (redirectUris ?? 'https://none.invalid/').split(','),
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    scopes: ['openid', 'offline_access', 'read', 'write', 'email'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@example.test`, email_verified: true }) }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    clientBasedCORS: () => false,
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          scope: 'read write',
          audience: resource,
          accessTokenTTL: lifetime,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  provider.on('registration_create.success', (_, client) => registered.push(client.metadata()));
  provider.on('grant.success', ({ oidc }) => asked.push(oidc.params.grant_type));
  function handle(request, response) {
    const { pathname, searchParams } = new URL(request.url, url);
    if (pathname === '/test/lifetime') return response.end(String((lifetime = Number(searchParams.get('seconds')))));
    if (pathname === '/test/asked') return response.end(JSON.stringify(asked));
    if (pathname === '/test/hold') return response.end(setHold(searchParams.get('hold') === 'true'));
    if (pathname === '/test/held') return response.end(String(held.size));
    if (pathname === '/token' && holds) return hold(request, response);
    if (pathname === '/test/registered') return response.end(JSON.stringify(registered));
    return provider.callback()(request, response);
  }

  function setHold(now) {
    holds = now;
    if (!now) for (const goOn of held) goOn();
    return 'held';
  }

  function hold(request, response) {
    const goOn = () => {
      held.delete(goOn);
      provider.callback()(request, response);
    };
    held.add(goOn);
    response.once('close', () => held.delete(goOn));
  }
  return handle;
});
