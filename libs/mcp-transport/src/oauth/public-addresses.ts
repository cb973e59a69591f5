import { lookup as lookUp, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Addresses of no public host: of this machine, of private and link-local networks, of special use (RFC 6890 and its registries). */
const SPECIAL = new BlockList();
for (const range of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
])
  add(range, 'ipv4');
for (const range of [
  '100::/64',
  '100:0:0:1::/64',
  '2001::/23',
  '2001:db8::/32',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  // These hold addresses of version 4.
  '::/96',
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
])
  add(range, 'ipv6');

function add(range: string, version: 'ipv4' | 'ipv6'): void {
  const [address = '', bits] = range.split('/');
  SPECIAL.addSubnet(address, Number(bits), version);
}

/** Whether an IP address may be one of a public host; false for what is none. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && !SPECIAL.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

/** A host whose address is not public. */
export class PrivateAddressError extends Error {
  readonly code = 'PRIVATE_ADDRESS';
}

/** `dns.lookup` for a connection that is to reach public hosts alone: what was judged is what is connected to. */
export const lookUpPublic: LookupFunction = (host, options, callback) => {
  lookUp(host, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, '');
    if (!found.every(({ address }) => isPublicAddress(address))) return callback(new PrivateAddressError('not a public address'), '');
    if (options.all) return callback(null, found);
    const { address, family } = found[0] as LookupAddress;
    callback(null, address, family);
  });
};
