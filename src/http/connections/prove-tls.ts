import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { connect, createSecureContext, TLSSocket } from 'node:tls';
import type { ServerTls } from '../../config/settings.js';
import { SettingsError } from '../../config/settings-error.js';

/** Rejects with {@link SettingsError} where no client comes through a handshake with this certificate and key: each is sound, and serves nobody. */
export async function proveTls(tls: ServerTls): Promise<void> {
  const [ofServer, ofClient] = duplexPair();
  try {
    const server = new TLSSocket(ofServer, { isServer: true, secureContext: createSecureContext(tls) }).on('error', () => undefined);
    // Whose name and authority it is has nothing to do with it.
    connect({ socket: ofClient, rejectUnauthorized: false }).on('error', () => undefined);
    await once(server, 'secure');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'the handshake fails';
    throw new SettingsError([`--ssl-certfile, --ssl-keyfile: no client can connect with these (${reason})`]);
  } finally {
    ofClient.destroy();
    ofServer.destroy();
  }
}
