import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Canaries } from './canaries.ts';

/** An authorization server all of whose secrets are canaries, and which repeats what it is told where it says no. */
export interface LeakyAuthorizationServer {
  readonly url: string;
  /** What it was told. */
  readonly heard: string[];
  /** A code that it takes for this person, and one that it does not. */
  codeOf(person: string): string;
  readonly badCode: string;
  /** Whose an access token is. */
  personOf(authorization: string | undefined): string | undefined;
  close(): Promise<void>;
}

export async function startLeakyAuthorizationServer(canaries: Canaries): Promise<LeakyAuthorizationServer> {
  const heard: string[] = [];
  const persons = new Map<string, string>();
  const made = (place: string, person: string) => {
    const secret = canaries.at(place);
    persons.set(secret, person);
    return secret;
  };
  const tokens = (person: string, renewal: string) => ({
    access_token: made(`access token of ${person}${renewal}`, person),
    refresh_token: made(`refresh token of ${person}${renewal}`, person),
    token_type: 'Bearer',
    expires_in: renewal === '' ? 2 : 3600,
  });

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const { pathname } = new URL(request.url ?? '', url);
    heard.push(`${request.url} ${JSON.stringify(request.headers)} ${body}`);
    if (pathname === '/register') {
      const client = {
        client_id: 'us',
        client_secret: canaries.at('secret of a registration'),
        token_endpoint_auth_method: 'client_secret_basic',
      };
      return json(response, 201, { ...(JSON.parse(body) as object), ...client });
    }
    if (pathname === '/token') {
      const form = new URLSearchParams(body);
      const person = persons.get(form.get('code') ?? form.get('refresh_token') ?? '');
      if (person !== undefined && form.has('code')) canaries.note(`PKCE verifier of ${person}`, form.get('code_verifier') as string);
      if (person !== undefined) return json(response, 200, tokens(person, form.has('code') ? '' : ', renewed'));
    }
    if (pathname.startsWith('/.well-known/oauth-authorization-server')) return json(response, 200, metadata);
    const said = { ...request.headers, body };
    json(response, 400, { error: 'invalid_grant', error_description: JSON.stringify(said), error_uri: `http://x/?${body}` });
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const metadata = {
    issuer: url,
    authorization_endpoint: `${url}/auth`,
    token_endpoint: `${url}/token`,
    registration_endpoint: `${url}/register`,
    revocation_endpoint: `${url}/revoke`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
  };
  return {
    url,
    heard,
    codeOf: (person) => made(`code of ${person}`, person),
    badCode: canaries.at('a code that is refused'),
    personOf: (authorization) => {
      const token = authorization?.replace('Bearer ', '') ?? '';
      return canaries.places.some((place) => place.startsWith('access token') && canaries.at(place) === token)
        ? persons.get(token)
        : undefined;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
