import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';

/** The proxies in front whose X-Forwarded-For is believed: how many there are (0: none), or their addresses and networks. */
export type TrustedProxies = number | readonly string[];

/** Who sent a request; empty when its connection has ended. */
export type ClientAddress = (request: IncomingMessage) => string;

/**
 * The one reading of who is at the other end: the last address of X-Forwarded-For that no trusted proxy has, or the socket's own where
 * none is trusted or that is no IP address.
 */
export function clientAddressBehind(proxies: TrustedProxies): ClientAddress {
  if (proxies === 0) return ofSocket;
  const trust = typeof proxies === 'number' ? (_: string, index: number) => index < proxies : proxyAddr.compile([...proxies]);
  return (request) => {
    if (request.headers['x-forwarded-for'] === undefined) return ofSocket(request);
    const address = proxyAddr(request, trust);
    return isIP(address) === 0 ? ofSocket(request) : address;
  };
}

function ofSocket({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? '';
}
