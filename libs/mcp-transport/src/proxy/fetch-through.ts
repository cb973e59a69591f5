import { fetch as fetchOfUndici } from 'undici';
import { type ProxySettings, proxyFor, shownProxy } from './proxies.js';
import { throughProxy } from './through-proxy.js';

const CONNECT_TIMEOUT_MS = 5_000;

/** `fetch`, through a forward proxy where the URL has one; what is not reached through it names it. */
export async function fetchThrough(url: URL, init: RequestInit, proxies: ProxySettings | undefined): Promise<Response> {
  const proxy = proxyFor(url, proxies);
  if (!proxy) return fetch(url, init);
  const dispatcher = throughProxy(proxy, { connect: { timeout: CONNECT_TIMEOUT_MS } });
  try {
    return (await fetchOfUndici(url, { ...(init as Parameters<typeof fetchOfUndici>[1]), dispatcher })) as unknown as Response;
  } catch (error) {
    throw new Error(`${(error as Error).message} through ${shownProxy(proxy)}`, { cause: (error as Error).cause });
  } finally {
    // Ends when the answer has been read.
    dispatcher.close().catch(() => undefined);
  }
}
