import type { HttpUpstreamSettings } from '../upstream-settings.js';

/** The URL of an MCP server, or what is wrong with it; never repeats it. */
export function toHttpUrl(given: string): URL | string {
  const url = URL.parse(given.trim());
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') return 'must be an http:// or https:// URL';
  return isDecodable(url.username + url.password) ? url : 'must have its user and password percent-encoded';
}

/** Credentials in a URL become the header they stand for, so that the URL can be shown. */
export function withoutUserinfo(given: URL): Pick<HttpUpstreamSettings, 'url' | 'headers'> {
  const url = new URL(given);
  const userinfo = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = url.password = url.hash = '';
  return { url, headers: userinfo === ':' ? {} : { authorization: `Basic ${Buffer.from(userinfo).toString('base64')}` } };
}

/** Whether a text is percent-encoded as it should be. */
export function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
