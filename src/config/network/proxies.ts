import type { ForwardProxy, ProxySettings } from '@app/mcp-transport';
import type { Environment } from '../environment.js';

const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const;

/** The proxies that the environment names; undefined where it names none. `given`: what it says, of which the lower case wins. */
export function proxiesOf(env: Environment, given: Readonly<Record<string, string>>): ProxySettings | undefined {
  const proxy = (name: 'HTTP_PROXY' | 'HTTPS_PROXY'): ForwardProxy | undefined =>
    env[name] && { url: env[name].href, setting: name.toLowerCase() in given ? name.toLowerCase() : name };
  const [http, https] = [proxy('HTTP_PROXY'), proxy('HTTPS_PROXY')];
  return http || https ? { http, https, none: env.NO_PROXY } : undefined;
}

/** One proxy for everything, as a server of the file names its own. */
export function onlyProxy(url: URL): ProxySettings {
  const proxy = { url: url.href, setting: 'proxy' };
  return { http: proxy, https: proxy, none: '' };
}

/** What is given in lower case in place of what is given in upper case, as other programs read these variables. */
export function withProxyNames(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const lower = NAMES.flatMap((name) => {
    const value = given[name.toLowerCase()];
    return value === undefined ? [] : [[name, value] as const];
  });
  return lower.length === 0 ? given : { ...given, ...Object.fromEntries(lower) };
}
