import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runCommand } from '../support/commands.ts';

const PACKAGE = 'libs/ws-client';

/** A page on 127.0.0.1 from which the built client of the WebSocket can be imported, as `/index.js`. */
export interface PackagePage {
  readonly origin: string;
  close(): void;
}

/** Builds the package, as `npm run build:ws-client` does. */
export function buildPackage(): Promise<unknown> {
  return runCommand('node_modules/.bin/tsc', ['-p', `${PACKAGE}/tsconfig.json`]);
}

export async function servePackage(): Promise<PackagePage> {
  const server = createServer((request, response) => {
    const [, name] = /^\/([\w-]+\.js)$/.exec(request.url ?? '') ?? [];
    if (!name) return void response.setHeader('content-type', 'text/html').end('<!DOCTYPE html><title>A page</title>');
    readFile(`${PACKAGE}/dist/${name}`).then(
      (text) => response.setHeader('content-type', 'text/javascript').end(text),
      () => response.writeHead(404).end(),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
