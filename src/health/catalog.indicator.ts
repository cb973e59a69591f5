import { Injectable } from '@nestjs/common';
import { Discovery } from '../discovery/discovery.service.js';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import type { Upstream } from '../mcp-client/upstream.js';
import type { HealthPart, PartStatus } from './health-report.js';

/** A server that hangs at the start has been tried by then. */
const TRIED_MS = 30_000;

/** Whether there are tools to call: at least one server has been listed, now or before it went away. */
@Injectable()
export class CatalogIndicator {
  private readonly createdAt = performance.now();
  private hasTried = false;

  constructor(
    private readonly catalog: ToolCatalog,
    private readonly discovery: Discovery,
    private readonly mcpClient: McpClient,
  ) {}

  /** Unknown while no server has been tried; with the names of servers that may be told of. */
  part(isSeen: (server: string) => boolean): HealthPart {
    return { ...this.details(isSeen), status: this.isKnown ? 'up' : this.statusWithoutTools() };
  }

  details(isSeen: (server: string) => boolean) {
    const { revision, entries } = this.catalog.snapshot();
    const stale = this.stale().filter(isSeen);
    return {
      revision,
      tools: this.isKnown ? entries.size : 0,
      unlisted: this.unlisted().filter(isSeen),
      ...(stale.length > 0 && { stale }),
    };
  }

  private statusWithoutTools(): PartStatus {
    if (!this.isTried()) return 'unknown';
    // Those who bring credentials have tools that nobody else sees.
    return this.mcpClient.upstreams.some(({ asksCallers }) => asksCallers) ? 'degraded' : 'down';
  }

  private get isKnown(): boolean {
    return [...this.catalog.snapshot().entries.values()].every((entry) => entry.upstream !== undefined);
  }

  /** Names of the servers whose tools are those of an earlier time. */
  private stale(): string[] {
    return this.catalog.upstreams.filter((upstream) => this.discovery.isStale(upstream)).map(nameOf);
  }

  /** Names of the servers that have not been listed yet. */
  unlisted(): string[] {
    return this.catalog.snapshot().unlisted.map(nameOf);
  }

  /** Whether discovery has come to an end for any server, good or bad. What comes later changes nothing of that. */
  isTried(): boolean {
    return (this.hasTried ||= this.isTriedNow());
  }

  private isTriedNow(): boolean {
    const { upstreams } = this.mcpClient;
    const { unlisted } = this.catalog.snapshot();
    const isTried = (upstream: Upstream) => !unlisted.includes(upstream) || upstream.status().lastError !== undefined;
    return upstreams.length === 0 || upstreams.some(isTried) || performance.now() - this.createdAt > TRIED_MS;
  }
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
