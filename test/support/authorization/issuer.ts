import { createHash, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OpeningProcess } from '../process/opening-process.js';

/** What opens {@link Issuer}s. */
export const ISSUERS = 'test/support/servers/issuer.mjs';

/** A real OpenID Connect issuer in a process beside the test's. */
export interface Issuer {
  readonly url: string;
  /** An access token for this audience; signed by ES256 where that ends in `:es`. */
  token(audience: string): Promise<string>;
  /** Its public RSA key. */
  publicKey(): Promise<{ readonly kid: string; readonly pem: string }>;
  /** Has a second client, `signer`, which signs by one of these keys, and no secret. */
  setClientKeys(keys: readonly JsonWebKey[]): Promise<void>;
  /** Takes other keys in place of its own. */
  rotate(): Promise<void>;
  /** Tokens from now on were issued so long after now. */
  moveClock(seconds: number): Promise<void>;
  /** How often its keys were fetched. */
  fetchedKeys(): Promise<number>;
  /** How long tokens live from now on. */
  setLifetime(seconds: number): Promise<void>;
  /** How often a token was asked for. */
  asked(): Promise<number>;
  stop(): Promise<unknown>;
}

const CREDENTIALS = `Basic ${Buffer.from('client:client-secret').toString('base64')}`;

export async function startIssuer(issuers: OpeningProcess): Promise<Issuer> {
  const { url, stop } = await issuers.open();
  const post = (path: string, init: RequestInit = {}) => fetch(url + path, { method: 'POST', ...init });
  return {
    url,
    stop,
    token: async (audience) => {
      const body = new URLSearchParams({ grant_type: 'client_credentials', resource: audience });
      const answer = await post('/token', { body, headers: { authorization: CREDENTIALS } });
      return ((await answer.json()) as { access_token: string }).access_token;
    },
    publicKey: async () => {
      const { keys } = (await (await fetch(`${url}/jwks`)).json()) as { keys: (JsonWebKey & { kid: string })[] };
      const key = keys.find(({ kty }) => kty === 'RSA') as JsonWebKey & { kid: string };
      return { kid: key.kid, pem: createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }) as string };
    },
    setClientKeys: async (keys) => void (await post('/test/client-keys', { body: JSON.stringify(keys) })),
    rotate: async () => void (await post('/test/rotate')),
    moveClock: async (seconds) => void (await post(`/test/clock?seconds=${seconds}`)),
    setLifetime: async (seconds) => void (await post(`/test/lifetime?seconds=${seconds}`)),
    asked: async () => Number(await (await post('/test/asked')).text()),
    fetchedKeys: async () => Number(await (await post('/test/fetched')).text()),
  };
}

/** A key pair, and its public half as a key set says it. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: JsonWebKey & { readonly kid: string };
}

export function newSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256')
    .update(jwk.n as string)
    .digest('hex')
    .slice(0, 16);
  return { kid, privateKey, jwk: { ...jwk, kid, use: 'sig', alg: 'RS256' } };
}

/** Answers every request so, on a port that the OS gave. */
export async function startKeyServer(answer: RequestListener): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
