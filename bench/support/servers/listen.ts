import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Has a server of the benches listen on a port that the OS gives, say where, and end with its process. */
export function listen(server: Server): void {
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => {
    console.log(JSON.stringify({ msg: 'listening', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
  });
  process.once('SIGTERM', () => process.exit(0));
}
