import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { startKeyServer } from './issuer.js';

/** An authorization server as a test makes it: good metadata and registration, and tokens as it says. */
export interface ScriptedIssuer {
  readonly url: string;
  /** Answers requests for tokens from now on. */
  token: (response: ServerResponse, form: URLSearchParams) => void;
  /** Over its good metadata. */
  metadata: Readonly<Record<string, unknown>>;
  /** In place of all that it would answer by itself. */
  instead: RequestListener | undefined;
  /** What tokens were asked for by, in turn. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function startScriptedIssuer(): Promise<ScriptedIssuer> {
  const issuer = { metadata: {}, instead: undefined as RequestListener | undefined, asked: [] as string[], token: tokens({}) };
  const server = await startKeyServer((request, response) => {
    if (issuer.instead) return issuer.instead(request, response);
    const { pathname } = new URL(request.url ?? '', server.url);
    if (pathname === '/register')
      return void textOf(request).then((text) =>
        json(response, 201, { ...JSON.parse(text), client_id: 'us', token_endpoint_auth_method: 'none' }),
      );
    if (pathname !== '/token') return json(response, pathname.includes('oauth-authorization-server') ? 200 : 404, metadataOf());
    void textOf(request).then((text) => {
      const form = new URLSearchParams(text);
      issuer.asked.push(form.get('grant_type') ?? '');
      issuer.token(response, form);
    });
  });
  const metadataOf = () => ({
    issuer: server.url,
    authorization_endpoint: `${server.url}/auth`,
    token_endpoint: `${server.url}/token`,
    registration_endpoint: `${server.url}/register`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
    ...issuer.metadata,
  });
  return Object.assign(issuer, { url: server.url, close: server.close });
}

/** Gives a token. */
export function tokens(more: object): ScriptedIssuer['token'] {
  return (response) => json(response, 200, { access_token: 'token-1', token_type: 'Bearer', ...more });
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
