import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamicModule, Module } from '@nestjs/common';
import { perTool } from '@app/mcp-openapi';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../config/config.module.js';
import type { InactiveServer, Settings } from '../config/settings.js';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { Discovery } from '../discovery/discovery.service.js';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import type { Upstream, UpstreamState } from '../mcp-client/upstream.js';
import { CollectingLogger } from './collecting-logger.js';

/** How long a server may take until it is up: it may install itself first (npx, uvx). */
const START_PATIENCE_MS = 60_000;
/** How long one that is up may take until its tools are listed: long enough for the first attempt to fail with its reason. */
const LIST_PATIENCE_MS = 15_000;
const LOOK_MS = 50;

/** What was found, to be printed, and whether nothing of it is wrong. */
interface CheckReport {
  readonly text: string;
  readonly isGood: boolean;
}

/** The part of the gateway that knows servers. */
@Module({})
class CheckModule {
  static with(settings: Settings): DynamicModule {
    return { module: CheckModule, imports: [ConfigModule.with({ ...settings, hotReload: false }), MetricsModule, DiscoveryModule] };
  }
}

/** Starts all servers, waits until each is listed or has failed, but not for ever, and ends them again. */
export async function checkServers(settings: Settings): Promise<CheckReport> {
  const logger = new CollectingLogger();
  const context = await NestFactory.createApplicationContext(CheckModule.with(settings), { logger, abortOnError: false });
  context.enableShutdownHooks();
  const [{ upstreams }, catalog, discovery] = [context.get(McpClient), context.get(ToolCatalog), context.get(Discovery)];
  try {
    const isInTime = patience();
    const isOpen = (upstream: Upstream) => !isListed(upstream, catalog) && !discovery.hasFailed(upstream) && isInTime(upstream);
    while (upstreams.some(isOpen)) await sleep(LOOK_MS);
    return report(settings, upstreams, catalog, logger);
  } finally {
    await context.close();
  }
}

/** Whether it is worth waiting for a server, by when it was first seen in the state that it is in. */
function patience(): (upstream: Upstream) => boolean {
  const seenAt = perTool<Upstream, Partial<Record<UpstreamState, number>>>(() => ({}));
  return (upstream) => {
    const { state } = upstream.status();
    const since = (seenAt(upstream)[state] ??= performance.now());
    return performance.now() - since < (PATIENCE_MS[state] ?? 0);
  };
}

const PATIENCE_MS: Readonly<Partial<Record<UpstreamState, number>>> = { starting: START_PATIENCE_MS, up: LIST_PATIENCE_MS };

function isListed(upstream: Upstream, catalog: ToolCatalog): boolean {
  return !catalog.snapshot().unlisted.includes(upstream);
}

function report(settings: Settings, upstreams: readonly Upstream[], catalog: ToolCatalog, logger: CollectingLogger): CheckReport {
  const failed = upstreams.filter((upstream) => !isListed(upstream, catalog));
  const waiting = settings.inactiveServers.filter(({ state }) => state === 'needs_auth');
  const lines = [
    `Servers from ${settings.configPath ?? settings.serverSource}`,
    ...settings.warnings.map((warning) => `  warning: ${warning}`),
    ...settings.withoutEffect.map((name) => `  warning: ${name}: has no effect yet`),
    ...upstreams.flatMap((upstream) => linesOf(upstream, catalog, logger)),
    ...settings.inactiveServers.flatMap(linesOfInactive),
    `${upstreams.length - failed.length} of ${upstreams.length + settings.inactiveServers.length} servers work.`,
  ];
  return { text: `${lines.join('\n')}\n`, isGood: failed.length + waiting.length === 0 };
}

function linesOf(upstream: Upstream, catalog: ToolCatalog, logger: CollectingLogger): string[] {
  const { name, state, transport, server } = upstream.status();
  const listed = isListed(upstream, catalog);
  const found = [transport, ...(server ? [server.era, server.protocolVersion] : [])].join(', ');
  const problems = logger.of(name).map((problem) => `  ${listed ? 'warning' : 'problem'}: ${problem}`);
  const ownLines = listed ? toolLines(upstream, catalog) : [];
  const failure = listed ? [] : [...(problems.length > 0 ? [] : lateLines(upstream)), ...stderrLines(upstream, logger)];
  return [`${name}: ${listed || !upstream.isConnected ? state : 'not listed'} (${found})`, ...ownLines, ...problems, ...failure];
}

function lateLines(upstream: Upstream): string[] {
  const { state } = upstream.status();
  const seconds = (PATIENCE_MS[state] ?? 0) / 1000;
  if (state === 'starting') return [`  problem: did not answer within ${seconds} s`];
  return state === 'up' ? [`  problem: did not list its tools within ${seconds} s`] : [];
}

/** The last that a process said, for whoever set it up; without the credentials of its settings. */
function stderrLines(upstream: Upstream, logger: CollectingLogger): string[] {
  const atItsEnd = logger.stderrOf(upstream.name);
  return (atItsEnd.length > 0 ? atItsEnd : upstream.lastWords()).map((line) => `  stderr: ${line}`);
}

/** Published names, with the server's own where it differs. */
function toolLines(upstream: Upstream, catalog: ToolCatalog): string[] {
  const { entries } = catalog.snapshot();
  return [...entries]
    .filter(([, entry]) => entry.upstream === upstream)
    .map(([published, { tool }]) => `  ${published}${published === tool.name ? '' : ` (${tool.name})`}`);
}

function linesOfInactive({ name, state, reason }: InactiveServer): string[] {
  return [`${name}: ${state}`, `  ${state === 'needs_auth' ? 'problem' : 'note'}: ${reason}`];
}
