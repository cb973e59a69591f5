import type { UpstreamSettings } from '../config/upstream-settings.js';

/** Shorter values are words, not secrets: taking them out would make errors unreadable. */
const MIN_SECRET_LENGTH = 6;
const SECRET_NAME = /auth|credential|key|pass|secret|token/i;

/** A server's error with what its settings hold of credentials taken out: many servers repeat the token that they refuse. */
export function withoutCredentials(error: string, settings: UpstreamSettings): string {
  const secrets = secretsOf(settings).filter(({ length }) => length >= MIN_SECRET_LENGTH);
  return secrets.sort((one, other) => other.length - one.length).reduce((text, secret) => text.replaceAll(secret, '[hidden]'), error);
}

function secretsOf(settings: UpstreamSettings): string[] {
  if (settings.kind === 'stdio') return Object.entries(settings.env).flatMap(([name, value]) => (SECRET_NAME.test(name) ? [value] : []));
  const values = Object.values(settings.headers);
  // Without the scheme: the token of "Bearer TOKEN".
  const tokens = values.map((value) => value.slice(value.indexOf(' ') + 1));
  return [...values, ...tokens, ...settings.url.searchParams.values(), settings.url.search.slice(1)];
}
