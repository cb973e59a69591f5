import { BlockList, isIP } from 'node:net';
import type { Environment } from './environment.js';

const OPEN_DOOR =
  'without API_KEYS everybody who reaches this address could call every tool; set API_KEYS or API_KEYS_FILE, or HOST=127.0.0.1, or, if that is meant, ALLOW_ANONYMOUS=true';

/** Refuses to serve everybody beyond this machine unless that was said. */
export function refuseOpenDoor({ HOST, ALLOW_ANONYMOUS }: Environment, hasCredentials: boolean, problems: string[]): void {
  if (hasCredentials || ALLOW_ANONYMOUS || isLoopback(HOST)) return;
  // Credentials that could not be read are told already.
  if (!problems.some((problem) => OF_CREDENTIALS.test(problem))) problems.push(`HOST: ${OPEN_DOOR}`);
}

const OF_CREDENTIALS = /^(?:API_KEYS|OIDC_|JWKS_|JWT_|OPENWEBUI_SECRET_KEY)/;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only programs of the same machine reach what listens at `host`. */
export function isLoopback(host: string): boolean {
  const version = isIP(host);
  return version === 0 ? host.toLowerCase() === 'localhost' : LOOPBACK.check(host, version === 6 ? 'ipv6' : 'ipv4');
}
