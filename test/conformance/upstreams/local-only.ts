import type { IncomingMessage, ServerResponse } from 'node:http';

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

/** True where a request says of itself that it is from this machine and for it; others are refused, as a page could be behind them. */
export function isLocal(request: IncomingMessage, response: ServerResponse): boolean {
  const { host, origin } = request.headers;
  if ([`http://${host}`, origin].every((value) => value === undefined || LOCAL.has(hostOf(value)))) return true;
  response
    .writeHead(403, { 'content-type': 'application/json' })
    .end('{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Not local"}}');
  return false;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
