import type { IncomingHttpHeaders } from 'node:http';

/** So many, and so many characters of all, are kept; more are passed over. */
const MAX_COOKIES = 50;
const MAX_CHARACTERS = 8_000;
const MAX_COOKIE_CHARACTERS = 4_096;
/** Name and value as they may go into a header again (RFC 6265 4.1.1, and what servers write beside it). */
const PAIR = /^[\w!#$%&'*+.^`|~-]+=[\x20-\x3a\x3c-\x7e]*$/;

/**
 * The cookies that a server has set in one session, which load balancers keep sessions at one of many servers by (RFC 6265 5.3, for one origin).
 * They go with requests of the same session, and with no others.
 */
export class SessionCookies {
  /** What to send; undefined if there are none. */
  header: string | undefined;
  private readonly pairs = new Map<string, string>();

  /** Takes over what an answer to a request for this path sets; true if that changed anything. */
  note(headers: IncomingHttpHeaders, path: string): boolean {
    const given = headers['set-cookie'];
    if (given === undefined) return false;
    for (const cookie of [given].flat()) this.take(cookie, path);
    const header = this.pairs.size === 0 ? undefined : [...this.pairs.values()].join('; ');
    const isOther = header !== this.header;
    this.header = header;
    return isOther;
  }

  private take(cookie: string, path: string): void {
    const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    if (name === '' || !PAIR.test(pair) || pair.length > MAX_COOKIE_CHARACTERS || !isForPath(attributes, path)) return;
    if (isOver(attributes)) return void this.pairs.delete(name);
    const others = [...this.pairs].filter(([known]) => known !== name);
    const characters = others.reduce((sum, [, other]) => sum + other.length + 2, pair.length);
    if (others.length < MAX_COOKIES && characters <= MAX_CHARACTERS) this.pairs.set(name, pair);
  }
}

function isForPath(attributes: readonly string[], path: string): boolean {
  const at = valueOf(attributes, 'path') ?? '/';
  const own = path.split('?')[0] as string;
  return !at.startsWith('/') || own === at || own.startsWith(at.endsWith('/') ? at : `${at}/`);
}

function isOver(attributes: readonly string[]): boolean {
  const maxAge = valueOf(attributes, 'max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0;
  return Date.parse(valueOf(attributes, 'expires') ?? '') <= Date.now();
}

function valueOf(attributes: readonly string[], name: string): string | undefined {
  const found = attributes.find((attribute) => attribute.toLowerCase().startsWith(`${name}=`));
  return found?.slice(name.length + 1).trim();
}

/** Headers with the cookies of a session beside those that they hold already. */
export function withCookies(headers: Record<string, string>, cookies: string | undefined): Record<string, string> {
  if (cookies === undefined) return headers;
  return { ...headers, cookie: headers['cookie'] === undefined ? cookies : `${headers['cookie']}; ${cookies}` };
}
