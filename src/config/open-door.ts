import { BlockList, isIP } from 'node:net';
import type { Environment } from './environment.js';
import type { ApiKey } from './settings.js';

const OPEN_DOOR =
  'without API_KEYS everybody who reaches this address could call every tool; set API_KEYS or API_KEYS_FILE, or HOST=127.0.0.1, or, if that is meant, ALLOW_ANONYMOUS=true';

/** Refuses to serve everybody beyond this machine unless that was said. */
export function refuseOpenDoor({ HOST, ALLOW_ANONYMOUS }: Environment, apiKeys: readonly ApiKey[], problems: string[]): void {
  if (apiKeys.length > 0 || ALLOW_ANONYMOUS || isLoopback(HOST)) return;
  // Keys that could not be read are told already.
  if (!problems.some((problem) => problem.startsWith('API_KEYS'))) problems.push(`HOST: ${OPEN_DOOR}`);
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only programs of the same machine reach what listens at `host`. */
function isLoopback(host: string): boolean {
  const version = isIP(host);
  return version === 0 ? host.toLowerCase() === 'localhost' : LOOPBACK.check(host, version === 6 ? 'ipv6' : 'ipv4');
}
