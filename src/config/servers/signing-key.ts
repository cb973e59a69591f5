import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { SigningKey } from '@app/mcp-transport';
import type { EntryNotes } from './entry-notes.js';

const OF_CURVES: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

/** A private key in any PEM, and how it signs; a problem where it is none that can. */
export function signingKeyOf(pem: string | undefined, notes: EntryNotes): SigningKey | undefined {
  if (pem === undefined) return undefined;
  const key = keyIn(pem);
  const algorithm = key && algorithmOf(key);
  if (key && algorithm !== undefined) return { pkcs8: key.export({ type: 'pkcs8', format: 'pem' }).toString(), algorithm };
  notes.problem(
    ['oauth', 'privateKey'],
    'must be a private key in PEM without a passphrase: RSA of 2048 bits or more, P-256, P-384 or P-521',
  );
  return undefined;
}

/** What is wrong with it could tell of the key. */
function keyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): string | undefined {
  const { namedCurve = '', modulusLength = 0 } = asymmetricKeyDetails;
  if (asymmetricKeyType === 'rsa') return modulusLength >= 2048 ? 'RS256' : undefined;
  return OF_CURVES[namedCurve];
}
