import 'reflect-metadata';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { SettingsError } from '../config/settings-error.js';
import { Callback, type Returned } from '../grants/callback.service.js';
import type { GrantedServer } from '../grants/granted-server.js';
import { Grants } from '../grants/grants.service.js';
import { GrantsModule } from '../grants/grants.module.js';
import { OPERATOR } from '../grants/owner.js';
import { ServersOfGrants } from '../grants/servers-of-grants.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { RedisModule } from '../redis/redis.module.js';

/** As long as the link is good. */
const PATIENCE_MS = 60 * 60_000;
/** How often it is looked whether a running gateway has taken the answer. */
const LOOK_MS = 500;

/** The part of the gateway that knows grants. */
@Module({})
class AuthorizeModule {
  static with(settings: Settings): DynamicModule {
    return { module: AuthorizeModule, imports: [ConfigModule.with(settings), MetricsModule, RedisModule, GrantsModule] };
  }
}

/**
 * Prints the link that a person has to open for this server, on whatever machine, and waits until they have: the running gateway takes the
 * browser back, or the address that it ended on is pasted. True if it was granted.
 */
export async function authorizeServer(settings: Settings, name: string): Promise<boolean> {
  if (settings.stateEncryptionKey === undefined)
    throw new SettingsError(['STATE_ENCRYPTION_KEY: has to be set, here and for the gateway: what is granted is handed over encrypted']);
  const context = await NestFactory.createApplicationContext(AuthorizeModule.with(settings), { logger: ['error'], abortOnError: false });
  const pasted = createInterface({ input: process.stdin });
  try {
    const server = serverOf(context.get(ServersOfGrants), name);
    const grants = context.get(Grants);
    const startedAt = Date.now();
    const url = await grants.begin(server, OPERATOR, { resourceMetadataUrl: undefined, scope: undefined, wantsMore: false });
    process.stdout.write(`${GREETING}\n\n  ${url}\n\n${HOW}\n`);
    return await Promise.race([takenByGateway(grants, server, startedAt), takenFrom(pasted, context.get(Callback))]);
  } finally {
    pasted.close();
    await context.close();
  }
}

const GREETING = 'Open this link in a browser, on whatever machine, and authorize the gateway:';
const HOW = 'Then the running gateway takes it from there; or paste the address that the browser ended on here:';

function serverOf(servers: ServersOfGrants, name: string): GrantedServer {
  const server = servers.named(name);
  if (server?.oauth.per === 'operator') return server;
  const known = servers.all.filter(({ oauth }) => oauth.per === 'operator').map((each) => each.name);
  throw new SettingsError([`authorize: no server of this name waits for its operator; there are ${known.join(', ') || 'none'}`]);
}

async function takenByGateway(grants: Grants, server: GrantedServer, since: number): Promise<boolean> {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const kept = await grants.load(server, OPERATOR);
    if (kept && kept.record.grantedAt >= since) return tell(`Authorized: "${server.name}".`, true);
    await sleep(LOOK_MS);
  }
  return tell('Nobody has opened the link in time.', false);
}

/** An address that does not do may be followed by one that does, unless it has used the link up. */
function takenFrom(pasted: Interface, callback: Callback): Promise<boolean> {
  return new Promise((resolve) => {
    pasted.on('line', (line) => {
      const query = URL.parse(line.trim())?.searchParams;
      if (!query?.has('state'))
        return void tell('That is no address that a browser ended on after the authorization; paste all of it.', false);
      void callback.take(query, undefined).then((returned) => resolve(told(returned)));
    });
  });
}

function told(returned: Returned): boolean {
  return returned.kind === 'granted' ? tell(`Authorized: "${returned.server}".`, true) : tell(returned.reason, false);
}

function tell<T>(line: string, value: T): T {
  process.stdout.write(`${line}\n`);
  return value;
}
