import type { IncomingMessage } from 'node:http';
import { clientAddressBehind, type TrustedProxies } from './client-address.js';

describe('clientAddressBehind', () => {
  const addressOf = (proxies: TrustedProxies, forwardedFor: string | undefined, remoteAddress = '10.0.0.1') =>
    clientAddressBehind(proxies)({ headers: { 'x-forwarded-for': forwardedFor }, socket: { remoteAddress } } as unknown as IncomingMessage);

  it.each<[string, TrustedProxies, string | undefined, string]>([
    ['believes nobody unless told', 0, '1.1.1.1', '10.0.0.1'],
    ['takes what the only proxy added', 1, '6.6.6.6, 1.1.1.1', '1.1.1.1'],
    ['takes what the first of two added', 2, '6.6.6.6, 1.1.1.1, 10.0.0.2', '1.1.1.1'],
    ['takes the first address that is no proxy', ['10.0.0.0/8'], '6.6.6.6, 1.1.1.1, 10.0.0.2', '1.1.1.1'],
    ['takes the socket where it is no proxy itself', ['10.0.0.9'], '6.6.6.6', '10.0.0.1'],
    ['takes the socket without the header', 1, undefined, '10.0.0.1'],
    ['takes the socket for what is no address', 1, 'x'.repeat(8_000), '10.0.0.1'],
    ['knows IPv6', ['10.0.0.1'], '2001:db8::1', '2001:db8::1'],
  ])('[S3] %s', (_, proxies, forwardedFor, address) => {
    expect(addressOf(proxies, forwardedFor)).toBe(address);
  });

  it('[S3] is empty when the connection has ended', () => {
    expect(clientAddressBehind(0)({ headers: {}, socket: {} } as IncomingMessage)).toBe('');
  });
});
