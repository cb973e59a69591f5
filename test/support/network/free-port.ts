import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the ports that the OS gives to connections and to whoever listens on port 0: from there another would take it a moment later. */
const FROM = 20_000;
const BELOW = 32_768;

/** A port of 127.0.0.1 that was free a moment ago, for programs that cannot take port 0, and for addresses where nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOn(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** Has a server listen on 127.0.0.1: on this port, or on one that nobody gets by chance while the server is away. */
export async function listenOn(server: Server, given?: number): Promise<number> {
  for (;;) {
    const port = given ?? randomInt(FROM, BELOW);
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
      return port;
    } catch (error) {
      if (given !== undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}
