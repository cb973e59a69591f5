import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a URL is one of this machine. */
export function isOfThisMachine(url: URL): boolean {
  const host = hostOf(url);
  const version = isIP(host);
  return version === 0 ? host === 'localhost' || host.endsWith('.localhost') : LOOPBACK.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Whether NO_PROXY names the host of a URL, as curl and others read it: names with all below them, with or without a dot or `*.` in front,
 * addresses, networks like `10.0.0.0/8`, each with a port or not, and `*` for all.
 */
export function isExempt(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && isMatch(entry, hostOf(url), port));
}

function isMatch(entry: string, host: string, port: string): boolean {
  const [, bracketed, plain, itsPort] = /^(?:\[([^\]]+)\]|([^:]+|[^:]*:[^:]*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
  const name = (bracketed ?? plain ?? '').replace(/\.$/, '');
  if (name === '' || (itsPort !== undefined && itsPort !== port)) return false;
  if (name === '*') return true;
  if (name.includes('/')) return isInNetwork(name, host);
  if (name.startsWith('*.')) return host.endsWith(name.slice(1));
  const bare = name.replace(/^\./, '');
  return host === bare || host.endsWith(`.${bare}`);
}

function isInNetwork(network: string, host: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const version = isIP(address);
  if (version === 0 || isIP(host) !== version || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), version === 6 ? 'ipv6' : 'ipv4');
  return list.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

function hostOf({ hostname }: URL): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}
