import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamicModule, Module } from '@nestjs/common';
import { perTool } from '@app/mcp-openapi';
import { longestStartMs } from '@app/mcp-transport';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../config/config.module.js';
import { mayDownload } from '../config/servers/start-timeouts.js';
import type { InactiveServer, Settings } from '../config/settings.js';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { Discovery } from '../discovery/discovery.service.js';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import { GrantsModule } from '../grants/grants.module.js';
import { isGranted } from '../grants/granted-server.js';
import { Grants } from '../grants/grants.service.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { RedisModule } from '../redis/redis.module.js';
import type { Upstream, UpstreamState } from '../mcp-client/upstream.js';
import { CollectingLogger } from './collecting-logger.js';

/** How long a server over HTTP may take until it is up. */
const CONNECT_PATIENCE_MS = 60_000;
/** How long one that is up may take until its tools are listed: long enough for the first attempt to fail with its reason. */
const LIST_PATIENCE_MS = 15_000;
const LOOK_MS = 50;
/** What is waited for so long is told. */
const TELL_AFTER_MS = 5_000;

/** What was found, to be printed, and whether nothing of it is wrong. */
interface CheckReport {
  readonly text: string;
  readonly isGood: boolean;
}

type Phase = UpstreamState | 'listing';

/** The part of the gateway that knows servers. */
@Module({})
class CheckModule {
  static with(settings: Settings): DynamicModule {
    // What other gateways know of the servers' tools is none of its business; what was granted is kept where they keep it.
    const config = ConfigModule.with({ ...settings, hotReload: false, sharesLists: false, redisUrl: grantsUrl(settings) });
    return { module: CheckModule, imports: [config, MetricsModule, RedisModule, GrantsModule, DiscoveryModule] };
  }
}

function grantsUrl({ upstreams, redisUrl, stateEncryptionKey }: Settings): string | undefined {
  return stateEncryptionKey !== undefined && upstreams.some(isGranted) ? redisUrl : undefined;
}

/** Starts all servers, waits until each is listed or has failed, but not for ever, and ends them again. */
export async function checkServers(settings: Settings): Promise<CheckReport> {
  const logger = new CollectingLogger();
  const context = await NestFactory.createApplicationContext(CheckModule.with(settings), { logger, abortOnError: false });
  context.enableShutdownHooks();
  const [{ upstreams }, catalog, discovery] = [context.get(McpClient), context.get(ToolCatalog), context.get(Discovery)];
  try {
    const waiting = new Waiting();
    const isOpen = (upstream: Upstream) => !isListed(upstream, catalog) && !discovery.hasFailed(upstream) && waiting.isWorthIt(upstream);
    while (upstreams.some(isOpen)) await sleep(LOOK_MS);
    return report(settings, upstreams, catalog, logger, context.get(Grants));
  } finally {
    await context.close();
  }
}

/** Waits for servers, each for as long as the state in which it is first seen may last, and tells on stderr for what. */
class Waiting {
  private readonly seenAt = perTool<Upstream, Partial<Record<Phase, number>>>(() => ({}));
  private readonly told = new Set<string>();

  isWorthIt(upstream: Upstream): boolean {
    const waitedMs = performance.now() - (this.seenAt(upstream)[phaseOf(upstream)] ??= performance.now());
    const isOpen = waitedMs < patienceMs(upstream);
    if (isOpen && waitedMs > TELL_AFTER_MS) this.tell(`${upstream.name}: waiting for ${awaited(upstream)}\n`);
    return isOpen;
  }

  private tell(line: string): void {
    if (!this.told.has(line)) process.stderr.write(line);
    this.told.add(line);
  }
}

/** A server that is connected is waited for until it has listed its tools, even where its state says by then that they do not come. */
function phaseOf(upstream: Upstream): Phase {
  return upstream.isConnected ? 'listing' : upstream.status().state;
}

function patienceMs(upstream: Upstream): number {
  const phase = phaseOf(upstream);
  const { settings } = upstream;
  if (phase === 'listing') return LIST_PATIENCE_MS;
  if (phase !== 'starting') return 0;
  return settings.kind === 'stdio' ? longestStartMs(settings) : CONNECT_PATIENCE_MS;
}

function awaited(upstream: Upstream): string {
  const { settings } = upstream;
  if (phaseOf(upstream) === 'listing') return `its list of tools (up to ${LIST_PATIENCE_MS / 1000} s)`;
  if (settings.kind === 'http') return `an answer of ${settings.url.origin} (up to ${CONNECT_PATIENCE_MS / 1000} s)`;
  const { startTimeoutMs, firstStartTimeoutMs = startTimeoutMs, command } = settings;
  const download = mayDownload(command) ? `, which ${command} may have to download` : '';
  return `the answer to its first message${download} (up to ${firstStartTimeoutMs / 1000} s)`;
}

function isListed(upstream: Upstream, catalog: ToolCatalog): boolean {
  return !catalog.snapshot().unlisted.includes(upstream);
}

function report(
  settings: Settings,
  upstreams: readonly Upstream[],
  catalog: ToolCatalog,
  logger: CollectingLogger,
  grants: Grants,
): CheckReport {
  const failed = upstreams.filter((upstream) => !isListed(upstream, catalog));
  const lines = [
    `Servers from ${settings.configPath ?? settings.serverSource}`,
    ...settings.warnings.map((warning) => `  warning: ${warning}`),
    ...upstreams.flatMap((upstream) => [...linesOf(upstream, catalog, logger), ...linkLines(grants.linkOf(upstream.name))]),
    ...settings.inactiveServers.flatMap(linesOfInactive),
    `${upstreams.length - failed.length} of ${upstreams.length + settings.inactiveServers.length} servers work.`,
  ];
  return { text: `${lines.join('\n')}\n`, isGood: failed.length === 0 };
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

function linkLines(link: string | undefined): string[] {
  return link === undefined ? [] : [`  link: ${link}`];
}

function lateLines(upstream: Upstream): string[] {
  const phase = phaseOf(upstream);
  const seconds = patienceMs(upstream) / 1000;
  if (phase === 'starting') return [`  problem: did not answer within ${seconds} s`];
  return phase === 'listing' ? [`  problem: did not list its tools within ${seconds} s`] : [];
}

/** The last that a process said, for whoever set it up; without the credentials of its settings. */
function stderrLines(upstream: Upstream, logger: CollectingLogger): string[] {
  const atItsEnd = logger.stderrOf(upstream.name);
  return [...new Set(atItsEnd.length > 0 ? atItsEnd : upstream.words.last())].map((line) => `  stderr: ${line}`);
}

/** Published names, with the server's own where it differs. */
function toolLines(upstream: Upstream, catalog: ToolCatalog): string[] {
  const { entries } = catalog.snapshot();
  return [...entries]
    .filter(([, entry]) => entry.upstream === upstream)
    .map(([published, { tool }]) => `  ${published}${published === tool.name ? '' : ` (${tool.name})`}`);
}

function linesOfInactive({ name, state, reason }: InactiveServer): string[] {
  return [`${name}: ${state}`, `  note: ${reason}`];
}
