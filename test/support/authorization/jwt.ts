import { createHmac, type KeyObject, sign } from 'node:crypto';

type Claims = Readonly<Record<string, unknown>>;

/** Found in every text that holds a JWT, and not by chance in one that holds a random name. */
export const A_JWT = /\beyJ[\w-]+\.eyJ/;

/** Seconds since 1970, this far from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** A JWT that is signed with a shared secret. */
export function hs256(claims: Claims, secret: string | Buffer, header: Claims = {}): string {
  return jwt({ alg: 'HS256', typ: 'JWT', ...header }, claims, (text) => createHmac('sha256', secret).update(text).digest());
}

/** A JWT that is signed with a private RSA key. */
export function rs256(claims: Claims, key: KeyObject, header: Claims = {}): string {
  return jwt({ alg: 'RS256', typ: 'JWT', ...header }, claims, (text) => sign('sha256', Buffer.from(text), key));
}

/** A JWT without a signature, as `alg: none` has it. */
export function unsigned(claims: Claims, header: Claims = {}): string {
  return jwt({ alg: 'none', ...header }, claims, () => Buffer.alloc(0));
}

function jwt(header: Claims, claims: Claims, signatureOf: (text: string) => Buffer): string {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${signatureOf(text).toString('base64url')}`;
}
