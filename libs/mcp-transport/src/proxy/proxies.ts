import { isExempt, isOfThisMachine } from './no-proxy.js';

/** A forward proxy, and the setting that names it. */
export interface ForwardProxy {
  /** May hold a user and a password: never logged. */
  readonly url: string;
  readonly setting: string;
}

/** Which forward proxy is asked for what. */
export interface ProxySettings {
  readonly http?: ForwardProxy | undefined;
  readonly https?: ForwardProxy | undefined;
  /** As NO_PROXY lists the hosts that are reached without one. */
  readonly none: string;
}

/** The proxy for a URL; undefined for one that is reached without, as everything on this machine is. */
export function proxyFor(url: URL, proxies: ProxySettings | undefined): ForwardProxy | undefined {
  const proxy = url.protocol === 'https:' ? proxies?.https : proxies?.http;
  return proxy === undefined || isOfThisMachine(url) || isExempt(url, proxies?.none ?? '') ? undefined : proxy;
}

/** A proxy as it may be shown. */
export function shownProxy({ url, setting }: ForwardProxy): string {
  return `the proxy ${new URL(url).origin} (${setting})`;
}
