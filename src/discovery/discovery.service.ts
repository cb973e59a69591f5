import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { McpClient, type ServersChange } from '../mcp-client/mcp-client.service.js';
import { fullJitter } from '../mcp-client/full-jitter.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { ListTooLarge } from '@app/mcp-transport';
import { ToolCatalog } from './tool-catalog.service.js';

/** A list that fails is asked for again this often before the last good one has to do. */
const LIST_ATTEMPTS = 3;
const LIST_PAUSE = { firstMs: 100, longestMs: 400 } as const;
/** A server that is up and cannot be listed is asked again after pauses of this length, long before its list grows old. */
const NEXT_LIST = { firstMs: 1_000, longestMs: 60_000 } as const;
/** A server that reports a change after each list is listed with this pause between. */
const MIN_PAUSE_MS = 100;
/** Callers with unknown names make a server list its tools at most this often. */
const UNKNOWN_TOOL_PAUSE_MS = 1_000;

interface Refresh {
  running: Promise<void> | undefined;
  /** Something changed while a list was on its way: it may be out of date already. */
  isStale: boolean;
  endedAt: number;
  /** In a row. */
  failures: number;
  next: NodeJS.Timeout | undefined;
}

/** Keeps the catalogue up to date: on connect, when a server says so, when the lists grow old, and when a call finds a tool gone. */
@Injectable()
export class Discovery implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('discovery');
  private readonly refreshes = new Map<Upstream, Refresh>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly mcpClient: McpClient,
    private readonly catalog: ToolCatalog,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    for (const upstream of this.mcpClient.upstreams) this.watch(upstream);
    this.mcpClient.on('servers', (change) => this.follow(change));
    this.timer = setInterval(() => this.refreshAll(), this.settings.cacheTtlMs);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    for (const { next } of this.refreshes.values()) clearTimeout(next);
  }

  /** Lists a server's tools anew; one list at a time, and another one if something changed meanwhile. Never rejects. */
  refresh(upstream: Upstream): Promise<void> {
    const refresh = this.refreshOf(upstream);
    if (refresh.running) {
      refresh.isStale = true;
      return refresh.running;
    }
    refresh.running = this.listUntilFresh(upstream, refresh).finally(() => (refresh.running = undefined));
    return refresh.running;
  }

  /** For a call that found its tool gone: a list not older than a second. */
  async refreshForUnknownTool(upstream: Upstream): Promise<void> {
    const { running, endedAt } = this.refreshOf(upstream);
    if (running) return running;
    if (performance.now() - endedAt >= UNKNOWN_TOOL_PAUSE_MS) await this.refresh(upstream);
  }

  /** Whether its last list failed, after all attempts, though it is up. */
  hasFailed(upstream: Upstream): boolean {
    return (this.refreshes.get(upstream)?.failures ?? 0) > 0;
  }

  private follow({ added, removed, replaced }: ServersChange): void {
    for (const upstream of [...removed, ...replaced.map(({ before }) => before)]) {
      clearTimeout(this.refreshes.get(upstream)?.next);
      this.refreshes.delete(upstream);
    }
    for (const upstream of [...added, ...replaced.map(({ after }) => after)]) this.watch(upstream);
  }

  private watch(upstream: Upstream): void {
    const refresh = () => void (this.isConfigured(upstream) && this.refresh(upstream));
    upstream.on('up', refresh).on('toolsChanged', refresh);
  }

  private isConfigured(upstream: Upstream): boolean {
    return this.mcpClient.upstreams.includes(upstream);
  }

  private refreshAll(): void {
    for (const upstream of this.mcpClient.upstreams) this.refreshIfUp(upstream);
  }

  private refreshIfUp(upstream: Upstream): void {
    if (upstream.isConnected) void this.refresh(upstream);
  }

  private async listUntilFresh(upstream: Upstream, refresh: Refresh): Promise<void> {
    clearTimeout(refresh.next);
    let failure: string | undefined;
    do {
      await sleep(Math.max(0, refresh.endedAt + MIN_PAUSE_MS - performance.now()), undefined, { ref: false });
      refresh.isStale = false;
      failure = await this.list(upstream);
      refresh.endedAt = performance.now();
    } while (refresh.isStale);
    refresh.failures = failure === undefined ? 0 : refresh.failures + 1;
    if (failure === undefined || !this.isConfigured(upstream)) return;
    upstream.noteListFailure(failure, !this.catalog.snapshot().unlisted.includes(upstream));
    refresh.next = setTimeout(() => this.refreshIfUp(upstream), fullJitter(refresh.failures - 1, NEXT_LIST)).unref();
  }

  /** Why the last good list has to do, if it has; a server that is down is not asked again: it is listed when it is back. */
  private async list(upstream: Upstream): Promise<string | undefined> {
    for (let attempt = 1; ; attempt++) {
      let failure: string;
      let isLasting = false;
      try {
        await this.catalog.replace(upstream, await upstream.listTools());
        return undefined;
      } catch (error) {
        failure = upstream.words.told(error);
        isLasting = error instanceof ListTooLarge;
        this.logger.warn({ msg: 'tools could not be listed', upstream: upstream.name, attempt, error: failure });
      }
      if (isLasting || attempt === LIST_ATTEMPTS || !this.isConfigured(upstream) || !upstream.isConnected) return failure;
      await sleep(fullJitter(attempt - 1, LIST_PAUSE), undefined, { ref: false });
    }
  }

  private refreshOf(upstream: Upstream): Refresh {
    const known = this.refreshes.get(upstream);
    if (known) return known;
    const refresh: Refresh = { running: undefined, isStale: false, endedAt: -Infinity, failures: 0, next: undefined };
    if (this.isConfigured(upstream)) this.refreshes.set(upstream, refresh);
    return refresh;
  }
}
