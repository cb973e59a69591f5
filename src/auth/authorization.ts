import type { IncomingMessage } from 'node:http';

/** The token of `Authorization: Bearer TOKEN`; undefined for anything else. */
export function bearerToken(authorization: string): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
}

/** Whether a request carries the header twice: Node keeps the first, something in front of the gateway may have read the other. */
export function hasTwoAuthorizations({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (isAuthorization(rawHeaders[at] as string)) count += 1;
  return count > 1;
}

function isAuthorization(name: string): boolean {
  return name.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION;
}

const AUTHORIZATION = 'authorization';
