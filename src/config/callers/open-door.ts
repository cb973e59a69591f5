import type { Environment } from '../environment.js';
import { isLoopback } from '../network/own-hosts.js';

const OPEN_DOOR =
  'without API_KEYS everybody who reaches this address could call every tool; set API_KEYS or API_KEYS_FILE, or HOST=127.0.0.1, or, if that is meant, ALLOW_ANONYMOUS=true';

/** Refuses to serve everybody beyond this machine unless that was said. */
export function refuseOpenDoor({ HOST, ALLOW_ANONYMOUS }: Environment, hasCredentials: boolean, problems: string[]): void {
  if (hasCredentials || ALLOW_ANONYMOUS || isLoopback(HOST)) return;
  // Credentials that could not be read are told already.
  if (!problems.some((problem) => OF_CREDENTIALS.test(problem))) problems.push(`HOST: ${OPEN_DOOR}`);
}

const OF_CREDENTIALS = /^(?:API_KEYS|OIDC_|JWKS_|JWT_|OPENWEBUI_SECRET_KEY)/;
