import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { FetchLike } from '@modelcontextprotocol/client';
import { Agent, type Dispatcher, type ProxyAgent, request } from 'undici';
import type { HttpServerSettings, OAuthClientSettings } from '../server-settings.js';
import { causeOf } from '../network-error.js';
import { proxyFor, shownProxy } from '../proxy/proxies.js';
import { throughProxy } from '../proxy/through-proxy.js';
import { mediaTypeOf } from '../http/headers/response-headers.js';
import { readUpTo } from '../read-up-to.js';
import { isPublicAddress, lookUpPublic, PrivateAddressError } from './public-addresses.js';
import { TokenError } from './token-error.js';

/** A token or metadata document is a few kilobytes. */
const MAX_BYTES = 256 * 1024;
const CONNECT_TIMEOUT_MS = 5_000;
/** For a whole exchange. */
const TIMEOUT_MS = 10_000;

/**
 * `fetch` for OAuth: answers are bounded, redirects refused, and URLs that nobody wrote into the settings, but that a server named, are
 * taken only if they are https and public, or if the settings allow private addresses.
 */
export class MetadataFetch {
  /** Connects as the server's own settings say. */
  private readonly own: Agent;
  private readonly ownTls: object;
  /** By proxy and certificate, as they are needed. */
  private readonly proxied = new Map<string, ProxyAgent>();
  private readonly open = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } });
  private readonly guarded = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS, lookup: lookUpPublic } });
  private readonly written: readonly string[];

  constructor(
    private readonly settings: Pick<HttpServerSettings, 'url' | 'tls' | 'proxies'>,
    private readonly client: OAuthClientSettings,
  ) {
    const { ca, insecure } = settings.tls;
    this.ownTls = { rejectUnauthorized: !insecure, ...(ca !== undefined && { ca }) };
    this.own = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS, ...this.ownTls } });
    const place = client.kind === 'client_credentials' ? client.tokenUrl : client.serverUrl;
    this.written = [place, client.issuer].flatMap((url) => (url === undefined ? [] : [new URL(url).origin]));
  }

  readonly fetch: FetchLike = async (target, init) => {
    const url = new URL(target);
    const answer = await this.ask(url, init);
    if (answer.statusCode >= 300 && answer.statusCode < 400) {
      answer.body.on('error', () => undefined).destroy();
      throw new TokenError(`${url.origin} answered with a redirect, which is not followed.`);
    }
    return toResponse(answer, url);
  };

  async close(): Promise<void> {
    const all = [this.own, this.open, this.guarded, ...this.proxied.values()];
    await Promise.allSettled(all.map((agent) => agent.destroy()));
  }

  private async ask(url: URL, init: RequestInit = {}): Promise<Dispatcher.ResponseData> {
    const { method = 'GET', headers, body } = init;
    const dispatcher = await this.wayTo(url);
    const answer = request(url, {
      method: method as Dispatcher.HttpMethod,
      headers: Object.fromEntries(new Headers(headers)),
      body: body instanceof URLSearchParams ? body.toString() : typeof body === 'string' ? body : null,
      dispatcher,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return answer.catch((error: unknown) => {
      if (isOfPrivateAddress(error)) throw privateAddress(url);
      const proxy = proxyFor(url, this.settings.proxies);
      throw proxy
        ? Object.assign(new Error(`${url.origin} through ${shownProxy(proxy)}: ${causeOf(error)}`), { code: NOT_THROUGH })
        : error;
    });
  }

  /** A proxy looks names up by itself: one that is private as far as can be told here is refused before it is asked. */
  private async wayTo(url: URL): Promise<Dispatcher> {
    const agent = this.agentFor(url);
    const proxy = proxyFor(url, this.settings.proxies);
    if (!proxy) return agent;
    if (agent === this.guarded) await refusePrivate(url);
    const key = `${agent === this.own} ${proxy.url}`;
    const known = this.proxied.get(key);
    const through = known ?? throughProxy(proxy, { connect: { timeout: CONNECT_TIMEOUT_MS, ...(agent === this.own && this.ownTls) } });
    this.proxied.set(key, through);
    return through;
  }

  private agentFor(url: URL): Agent {
    if (url.origin === this.settings.url.origin) return this.own;
    if (this.written.includes(url.origin)) return this.open;
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const isLocal = host === 'localhost' || host.endsWith('.localhost') || (isIP(host) !== 0 && !isPublicAddress(host));
    if (url.protocol !== 'https:' && !(isLocal && this.client.allowPrivateAddresses))
      throw isLocal ? privateAddress(url) : new TokenError(`${url.origin}, which the server names, is not https.`);
    if (this.client.allowPrivateAddresses) return this.open;
    // An address is connected to without being looked up.
    if (isLocal) throw privateAddress(url);
    return this.guarded;
  }
}

async function toResponse({ statusCode, headers, body }: Dispatcher.ResponseData, url: URL): Promise<Response> {
  // An MCP server that lets anybody listen goes on for ever.
  const isEndless = mediaTypeOf(headers['content-type']) === 'text/event-stream';
  if (isEndless) body.on('error', () => undefined).destroy();
  const text = isEndless ? '' : (await readUpTo(body, MAX_BYTES, () => tooLong(url))).toString();
  const challenge = headers['www-authenticate'];
  return new Response(text === '' ? null : text, {
    status: statusCode,
    headers: challenge === undefined ? {} : { 'www-authenticate': String(challenge) },
  });
}

function tooLong({ origin }: URL): TokenError {
  return new TokenError(`${origin} answered with more than ${MAX_BYTES} bytes.`);
}

/** A name that only the proxy knows is the proxy's to judge. */
async function refusePrivate(url: URL): Promise<void> {
  const found = await lookup(url.hostname, { all: true }).catch(() => []);
  if (found.some(({ address }) => !isPublicAddress(address))) throw privateAddress(url);
}

/** Counts as a fault of the network. */
const NOT_THROUGH = 'UND_ERR_CONNECT_PROXY';

function isOfPrivateAddress(error: unknown): boolean {
  return error instanceof PrivateAddressError || (error as { code?: unknown } | null)?.code === 'PRIVATE_ADDRESS';
}

function privateAddress({ origin }: URL): TokenError {
  return new TokenError(
    `${origin}, which the server names, is at a private address; if it is meant, say "allowPrivateAddresses": true, or its "tokenUrl", in oauth.`,
  );
}
