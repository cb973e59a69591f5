import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  AUTHORIZATION_SERVERS,
  type AuthorizationServer,
  PersonDemand,
  startAuthorizationServer,
} from '../support/authorization/authorization-server.ts';
import { Browser } from '../support/authorization/browser.ts';
import { get, post } from '../support/exchange.ts';
import { freePort } from '../support/network/free-port.ts';
import { hs256, inSeconds } from '../support/authorization/jwt.ts';
import { OpeningProcess } from '../support/process/opening-process.ts';
import { type Exchange, RawMcpServer, textResult, toolOf } from '../support/raw-mcp-server.ts';
import { untilPublished } from '../support/tool-requests.ts';
import type { Cleanup } from './cleanup.ts';
import { type ObservedGateway, startObservedGateway } from './gateway.ts';
import { SECRETS } from './open-webui-environment.ts';

export const GRANTED_KEY = 'key-of-open-webui-for-grants';

/** A gateway before a server that each user authorizes, and the authorization server, which is the company's sign-in, too. */
export interface GrantedGateway {
  readonly gateway: ObservedGateway;
  readonly issuer: AuthorizationServer;
  /** Whose calls of `my_notes` the server has answered, in turn. */
  readonly callers: readonly string[];
}

/** Starts it; its tool is known to all, since somebody who is no user of Open WebUI has authorized the server. */
export async function startGrantedGateway(cleanup: Cleanup, folder: string): Promise<GrantedGateway> {
  // Knows the authorization server, which knows the gateway's address, which has to be free until all others have theirs.
  const judged: { by?: PersonDemand } = {};
  const who = async (exchange: Exchange) => (await judged.by?.judge(exchange.headers.authorization))?.sub ?? 'nobody';
  const server = await RawMcpServer.start({
    tools: [toolOf('my_notes')],
    guard: (exchange) => judged.by?.guard(exchange) ?? false,
    on: { 'tools/call': async (exchange) => exchange.result(textResult(`Notes of ${await who(exchange)}`)) },
  });
  cleanup.add(() => server.stop());
  const { issuer, base } = await startIssuer(cleanup);
  const demand = (judged.by = new PersonDemand(issuer.url));
  demand.of(server);
  const file = path.join(folder, 'mcp.json');
  const oauth = { per: 'user', allowPrivateAddresses: true };
  await writeFile(file, JSON.stringify({ mcpServers: { notes: { url: server.url, shareCatalog: true, oauth } } }));
  const env = {
    PORT: new URL(base).port,
    PUBLIC_URL: base,
    API_KEYS: `open-webui:${GRANTED_KEY}`,
    FORWARD_USER_INFO_HEADER_JWT_SECRET: SECRETS.userHeader,
    OIDC_ISSUER: issuer.url,
    JWT_AUDIENCE: 'mcpo-proxy',
    OIDC_CLIENT_ID: 'gateway',
    OIDC_CLIENT_SECRET: 'gateway:secret+50%25',
  };
  const gateway = await startObservedGateway({ cwd: folder, args: ['--config', file], env });
  cleanup.add(gateway.stop);
  await authorizeFirst(gateway.url);
  return { gateway, issuer, callers: demand.callers };
}

/** Knows the address that the gateway is going to have; whose port it must not have taken itself. */
async function startIssuer(cleanup: Cleanup) {
  const issuers = new OpeningProcess(AUTHORIZATION_SERVERS);
  cleanup.add(() => issuers.stop());
  for (;;) {
    const base = `http://127.0.0.1:${await freePort()}`;
    const issuer = await startAuthorizationServer(issuers, [`${base}/oauth/signed-in`]);
    if (issuer.url !== base) return { issuer, base };
  }
}

/** What the server lists is known by the first who may ask it. */
async function authorizeFirst(url: string): Promise<void> {
  const user = hs256({ iss: 'open-webui', sub: 'first', email: 'first@example.test', exp: inSeconds(600) }, SECRETS.userHeader);
  const headers = { authorization: `Bearer ${GRANTED_KEY}`, 'x-openwebui-user-jwt': user };
  const { text } = await post(url, '/v1/grants/notes', {}, headers);
  await new Browser('first').open((JSON.parse(text) as { url: string }).url);
  await get(url, '/openapi.json', headers);
  await untilPublished({ url }, 'notes_my_notes');
}
