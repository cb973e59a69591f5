import type { LookupAddress } from 'node:dns';
import { isPublicAddress, lookUpPublic } from './public-addresses.js';

describe('isPublicAddress', () => {
  it.each(['93.184.216.34', '8.8.8.8', '172.15.0.1', '172.32.0.1', '100.63.0.1', '2606:2800:220:1::1', '::ffff:8.8.8.8'])(
    '%s: yes',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fd00::1',
    'fe80::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'localhost',
    '',
  ])('%s: no', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('addresses of special use', () => {
  it.each([
    '64:ff9b:1::1',
    '64:ff9b:1:7f00:1::',
    '64:ff9b:1:ffff:ffff:ffff:ffff:ffff',
    '192.0.2.1',
    '192.88.99.1',
    '198.51.100.1',
    '203.0.113.1',
    '::7f00:1',
    '::ffff:0:7f00:1',
    '100::1',
    '100:0:0:1::1',
    '2001::1',
    '2001:2::1',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '3fff::1',
    '5f00::1',
    'fec0::1',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['64:ff9b:2::1', '192.0.3.1', '198.51.101.1', '203.0.114.1', '2001:200::1', '2001:db9::1', '2620:4f:8000::1', '2606:4700::1111'])(
    '%s beside them is',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('lookUpPublic', () => {
  const lookUp = (host: string, all: boolean) =>
    new Promise<string | LookupAddress[]>((resolve, reject) =>
      lookUpPublic(host, { all }, (error, found) => (error ? reject(error) : resolve(found))),
    );

  it.each([true, false])('refuses a name of this machine, all addresses asked for: %s', async (all) => {
    await expect(lookUp('localhost', all)).rejects.toThrow('not a public address');
  });

  it('gives what it found where that is public', async () => {
    await expect(lookUp('8.8.8.8', false)).resolves.toBe('8.8.8.8');
    await expect(lookUp('8.8.8.8', true)).resolves.toEqual([{ address: '8.8.8.8', family: 4 }]);
  });
});
