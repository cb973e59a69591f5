import { type Agent, type buildConnector, Pool, ProxyAgent } from 'undici';
import type { ForwardProxy } from './proxies.js';

type Options = Omit<Agent.Options, 'connect'> & { readonly connect: buildConnector.BuildOptions };

/** Connections through a forward proxy: in a tunnel for https, by whole URLs for http, since many proxies allow no tunnel to port 80. */
export function throughProxy({ url }: ForwardProxy, { connect, ...options }: Options): ProxyAgent {
  const { timeout } = connect;
  return new ProxyAgent({
    ...options,
    uri: url,
    proxyTunnel: false,
    requestTls: connect,
    ...(timeout !== undefined && { proxyTls: { timeout }, connectTimeout: timeout }),
    // The agent's own would forget the limits and timeouts.
    factory: (origin, own) => new Pool(origin, { ...(own as Pool.Options), ...poolOptions(options) }),
  });
}

function poolOptions({ headersTimeout, bodyTimeout, connections }: Omit<Agent.Options, 'connect'>): Pool.Options {
  return {
    allowH2: false,
    ...(headersTimeout !== undefined && { headersTimeout }),
    ...(bodyTimeout !== undefined && { bodyTimeout }),
    ...(connections !== undefined && { connections }),
  };
}
