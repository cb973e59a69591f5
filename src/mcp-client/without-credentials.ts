import type { UpstreamSettings } from '../config/upstream-settings.js';

/** Shorter values are words, not secrets: taking them out would make errors unreadable. */
const MIN_SECRET_LENGTH = 6;
const SECRET_NAME = /auth|credential|key|pass|secret|token/i;

/** A server's error with what its settings hold of credentials taken out: many servers repeat the token that they refuse. */
export function withoutCredentials(error: string, settings: UpstreamSettings): string {
  return longestFirst(secretsIn(settings)).reduce((text, secret) => text.replaceAll(secret, '[hidden]'), error);
}

/** What of headers is to be taken out of a text, the longest first. */
export function secretsOf(headers: Readonly<Record<string, string>>): string[] {
  const values = Object.values(headers);
  // Without the scheme: the token of "Bearer TOKEN".
  return longestFirst([...values, ...values.map((value) => value.slice(value.indexOf(' ') + 1))]);
}

function longestFirst(values: readonly string[]): string[] {
  return values.filter(({ length }) => length >= MIN_SECRET_LENGTH).sort((one, other) => other.length - one.length);
}

function secretsIn(settings: UpstreamSettings): string[] {
  if (settings.kind === 'stdio') return Object.entries(settings.env).flatMap(([name, value]) => (SECRET_NAME.test(name) ? [value] : []));
  return [...secretsOf(settings.headers), ...settings.url.searchParams.values(), settings.url.search.slice(1)];
}
