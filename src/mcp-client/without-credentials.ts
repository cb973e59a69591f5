import type { UpstreamSettings } from '../config/upstream-settings.js';

/** Shorter values are words, not secrets: taking them out would make errors unreadable. */
const MIN_SECRET_LENGTH = 6;
const SECRET_NAME = /auth|cookie|credential|key|pass|secret|token/i;

/** Whether what is called so is a secret, as far as names tell. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** A server's error with what its settings hold of credentials taken out: many servers repeat the token that they refuse. */
export function withoutCredentials(error: string, settings: UpstreamSettings, more: readonly string[] = []): string {
  return hide(error, longestFirst([...secretsIn(settings), ...more]));
}

/** The same for all texts of a JSON value; itself where there is nothing to take out. Texts that hold JSON themselves stay JSON. */
export function jsonWithoutCredentials<T>(value: T, settings: UpstreamSettings, more: readonly string[] = []): T {
  const text = JSON.stringify(value);
  const clean = hide(text, longestFirst([...secretsIn(settings), ...more].flatMap(escapedForms)));
  return clean === text ? value : (JSON.parse(clean) as T);
}

function hide(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '[hidden]'), text);
}

/** As it stands in JSON, and in JSON within JSON. */
function escapedForms(secret: string): string[] {
  const once = escaped(secret);
  return once === secret ? [secret] : [once, escaped(once)];
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
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
  if (settings.kind === 'stdio') return [...secretsInEnvironment(settings.env), ...secretsInArguments(settings.args)];
  const { clientSecret = '' } = settings.oauth ?? {};
  const ofProxies = [settings.proxies?.http, settings.proxies?.https].flatMap((proxy) => (proxy ? passwordIn(proxy.url) : []));
  return [clientSecret, ...ofProxies, ...secretsOf(settings.headers), ...settings.url.searchParams.values(), settings.url.search.slice(1)];
}

/** Also the password of an address, as of a proxy. */
function secretsInEnvironment(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => (SECRET_NAME.test(name) ? [value] : passwordIn(value)));
}

function passwordIn(value: string): string[] {
  const password = /^[a-z][\w+.-]*:\/\//i.test(value) ? (URL.parse(value)?.password ?? '') : '';
  return password === '' ? [] : [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `--api-key=VALUE`, and what comes after `--api-key`. */
function secretsInArguments(args: readonly string[]): string[] {
  return args.flatMap((argument, at) => {
    const [, name = '', value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(argument) ?? [];
    return SECRET_NAME.test(name) ? [value ?? args[at + 1] ?? ''] : passwordIn(argument);
  });
}
