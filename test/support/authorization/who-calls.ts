import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { AuthService } from '../../../src/auth/auth.service.js';
import type { Principal } from '../../../src/correlation/principal.js';
import { newContext } from '../../../src/correlation/request-context.js';

/** Asks a gateway who makes a request with these headers; rejects as its `authenticate` does. */
export async function whoCalls(app: INestApplication, headers: Readonly<Record<string, string>>): Promise<Principal> {
  const server = createServer().listen(0, '127.0.0.1');
  try {
    const request = new Promise<IncomingMessage>((resolve) =>
      server.on('request', (received, response) => resolve(received) ?? response.end()),
    );
    await new Promise((resolve) => server.once('listening', resolve));
    await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { headers })).text();
    return await app
      .get(AuthService, { strict: false })
      .authenticate(Object.assign(await request, { context: newContext(undefined, '127.0.0.1') }));
  } finally {
    server.close();
  }
}
