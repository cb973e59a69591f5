import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { readSettings } from '../../src/config/read-settings.js';
import type { Settings } from '../../src/config/settings.js';
import {
  DEFAULT_CALLERS,
  DEFAULT_TLS,
  DEFAULT_TOOLS,
  DEFAULT_TRANSLATION,
  type HttpUpstreamSettings,
  type StdioUpstreamSettings,
  type UpstreamPolicy,
  type UpstreamSettings,
} from '../../src/config/upstream-settings.js';
import { createApp, type Foundation } from '../../src/create-app.js';
import { createLogger } from '../../src/logging/json-logger.js';
import { AMPLE_LIMITS } from './ample-limits.ts';

/** A gateway inside the test's process, on a port that the OS gave. Its log is silent unless LOG_LEVEL says otherwise. */
export interface GatewayHere {
  readonly url: string;
  readonly app: NestExpressApplication;
  close(): Promise<void>;
}

/** Nothing of it is kept, while a log on stdout keeps a timer to the end of the process. */
const SILENT = createLogger('silent', { write: () => undefined });

/** Starts one with these variables, with limits that no test meets unless it sets them, and with these upstreams and settings in place of the variables' where they are given. */
export async function startGatewayHere(
  environment: Readonly<Record<string, string>> = {},
  upstreams?: readonly UpstreamSettings[],
  more: Partial<Settings> = {},
  on: Foundation = {},
): Promise<GatewayHere> {
  const read = readSettings({ LOG_LEVEL: 'silent', ...AMPLE_LIMITS, ...environment });
  const settings: Settings = { ...read, ...(upstreams && { upstreams }), ...more };
  const app = await createApp(settings, { ...(settings.logLevel === 'silent' && { logger: SILENT }), ...on });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, app, close: () => closed(app) };
}

/** A gateway of another test may have found this one where its own server was, and would keep its connection for minutes. */
const CONNECTIONS_END_MS = 10_000;

async function closed(app: NestExpressApplication): Promise<void> {
  const server = app.getHttpServer() as Server;
  const timer = setTimeout(() => server.closeAllConnections(), CONNECTIONS_END_MS);
  await app.close().finally(() => clearTimeout(timer));
}

const POLICY: UpstreamPolicy = {
  ...DEFAULT_TRANSLATION,
  ...DEFAULT_TOOLS,
  ...DEFAULT_CALLERS,
  protocol: 'auto',
  requestTimeoutMs: 30_000,
  maxCallDurationMs: 300_000,
  maxResponseBytes: 10 * 1024 * 1024,
  maxListBytes: 64 * 1024 * 1024,
};

/** A server that the gateway runs over stdio: a Node script with arguments. */
export function stdioUpstream(
  script: string,
  args: readonly string[] = [],
  more: Partial<StdioUpstreamSettings> = {},
): StdioUpstreamSettings {
  const { PATH = '', HOME = '' } = process.env;
  return {
    kind: 'stdio',
    name: 'default',
    command: process.execPath,
    args: [script, ...args],
    env: { PATH, HOME },
    cwd: undefined,
    startTimeoutMs: 60_000,
    ...POLICY,
    ...more,
  };
}

/** A server over streamable HTTP. */
export function httpUpstream(url: string, more: Partial<HttpUpstreamSettings> = {}): HttpUpstreamSettings {
  return { kind: 'http', name: 'default', transport: 'auto', url: new URL(url), headers: {}, tls: DEFAULT_TLS, ...POLICY, ...more };
}
