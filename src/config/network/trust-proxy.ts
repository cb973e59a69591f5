import proxyAddr from 'proxy-addr';

/** More proxies than this are a typing error. */
const MAX_HOPS = 32;

/** TRUST_PROXY: 0 for `false`, a number of proxies, or their addresses; undefined for what is none of these. */
export function parseTrustProxy(given: string): number | readonly string[] | undefined {
  const value = given.trim();
  if (value.toLowerCase() === 'false') return 0;
  if (/^\d+$/.test(value)) return Number(value) <= MAX_HOPS ? Number(value) : undefined;
  const proxies = value.split(',').map((part) => part.trim());
  try {
    proxyAddr.compile(proxies);
    return proxies;
  } catch {
    return undefined;
  }
}
