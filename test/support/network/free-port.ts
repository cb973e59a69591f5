import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the ports that the OS gives to connections and to whoever listens on port 0: from there another would take it a moment later. */
const FROM = 20_000;
const BELOW = 32_768;

/** A port of 127.0.0.1 that was free a moment ago, for programs that cannot take port 0, and for addresses where nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnOwnPort(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** Has a server listen on 127.0.0.1, on a port that nobody gets by chance while the server is away. */
export async function listenOnOwnPort(server: Server): Promise<number> {
  for (;;) {
    const port = randomInt(FROM, BELOW);
    if (await takes(server, port)) return port;
  }
}

/** False where another has the port. */
async function takes(server: Server, port: number): Promise<boolean> {
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

/** Has a server listen on this port of 127.0.0.1, and on one of its own where it is none. */
export async function listenOn(server: Server, port = 0): Promise<number> {
  if (port === 0) return listenOnOwnPort(server);
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return port;
}
