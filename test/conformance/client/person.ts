import { setTimeout as sleep } from 'node:timers/promises';
import { get, post } from '../../support/exchange.ts';

const PATIENCE_MS = 12_000;
/** So often a person lets themselves be asked. */
const MAX_GRANTS = 3;

interface Report {
  readonly state: string;
  readonly tools: number;
  readonly authorizeUrl?: string;
}

/** Does as the operator of a server that wants to be authorized: opens the gateway's link, as often as it has a new one, and calls the tool once the server is up. */
export async function grantedAndCalled(gatewayUrl: string, tool: string): Promise<void> {
  const opened = new Set<string>();
  let isCalled = false;
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end && !isCalled; await sleep(100)) {
    const { state, tools, authorizeUrl } = await report(gatewayUrl);
    console.error(`${state}, ${tools} tools, ${authorizeUrl}`);
    if (authorizeUrl !== undefined && opened.size < MAX_GRANTS && !opened.has(authorizeUrl)) {
      opened.add(authorizeUrl);
      await open(authorizeUrl);
    } else if (state === 'up' && tools > 0) {
      const { status, text } = await post(gatewayUrl, `/suite/${tool}`, {});
      console.error(`${status} ${text}`);
      isCalled = status === 200;
    }
  }
  if (!isCalled) throw new Error('The server did not come up, or its tool failed');
}

async function report(gatewayUrl: string): Promise<Report> {
  const { servers } = JSON.parse((await get(gatewayUrl, '/v1/servers')).text) as { servers: Report[] };
  return servers[0] as Report;
}

/** As a browser does: to the authorization server, which agrees at once, and back to the gateway. */
async function open(url: string): Promise<void> {
  const response = await fetch(url);
  console.error(`${response.status} ${response.url}`);
  await response.text();
}
