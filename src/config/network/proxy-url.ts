/** A proxy's URL, of which the scheme may be missing; undefined if it is none that can be used. */
export function toProxyUrl(text: string): URL | undefined {
  const url = URL.parse(/^[\w.-]+:\d+\/?$/.test(text) ? `http://${text}` : text);
  return url && ['http:', 'https:'].includes(url.protocol) && url.hostname !== '' ? url : undefined;
}
