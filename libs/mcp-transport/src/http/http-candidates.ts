import type { HttpServerSettings } from '../server-settings.js';

/** A place and a way in which a server may answer. */
export interface HttpCandidate {
  readonly transport: 'streamable-http' | 'sse';
  readonly url: URL;
}

/**
 * Where and how to look for a server, in order: a URL without a path stands for itself, `/mcp` and `/sse`; streamable HTTP comes
 * before SSE where the settings do not say which (MCP basic/transports "Backwards Compatibility").
 */
export function httpCandidates({ url, transport }: Pick<HttpServerSettings, 'url' | 'transport'>): readonly HttpCandidate[] {
  const hasPath = url.pathname !== '/';
  const streamable = hasPath ? [url] : [url, at('/mcp', url)];
  const sse = hasPath ? [url] : [at('/sse', url), url];
  return [
    ...(transport === 'sse' ? [] : streamable.map((place) => ({ transport: 'streamable-http', url: place }) as const)),
    ...(transport === 'streamable-http' ? [] : sse.map((place) => ({ transport: 'sse', url: place }) as const)),
  ];
}

/** The query stays: some servers want a key there. */
function at(pathname: string, url: URL): URL {
  return Object.assign(new URL(url), { pathname });
}
