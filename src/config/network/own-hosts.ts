import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only programs of the same machine reach what listens at `host`. */
export function isLoopback(host: string): boolean {
  const version = isIP(host);
  return version === 0 ? host.toLowerCase() === 'localhost' : LOOPBACK.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

/** Names of this machine; the last is its name in containers of Docker Desktop, which reach its loopback interface by it. */
const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]', 'host.docker.internal'];

/** The names under which a gateway that listens at `host` is asked for; undefined where that cannot be known. */
export function ownHosts(host: string): readonly string[] | undefined {
  return isLoopback(host) ? [...new Set([...LOOPBACK_NAMES, isIP(host) === 6 ? `[${host}]` : host.toLowerCase()])] : undefined;
}
