import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { banner } from './banner.js';
import type { Settings } from './config/settings.js';
import { createApp } from './create-app.js';
import { endGracefully } from './graceful-shutdown.js';
import { releaseStartMemory } from './release-start-memory.js';
import { tellSource } from './tell-source.js';

/** Serves until a signal ends it. Rejects when it cannot listen, with nothing left running. */
export async function serve(settings: Settings): Promise<void> {
  const app = await createApp(settings);
  endGracefully(app, settings.drainTimeoutMs);
  await app.listen(settings.port, settings.host).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  const { address, port, family } = app.getHttpServer().address() as AddressInfo;
  const url = `${settings.tls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  new Logger('gateway').log({ msg: 'listening', url });
  tellSource(settings);
  process.stderr.write(banner(url, settings));
  for (const warning of settings.warnings) process.stderr.write(`  Note  ${warning}\n`);
  releaseStartMemory();
}
