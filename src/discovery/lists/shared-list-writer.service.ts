import { Inject, Injectable, Logger } from '@nestjs/common';
import type { McpTool } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../../config/settings.js';
import type { Upstream } from '../../mcp-client/upstream.js';
import { RedisEvents } from '../../redis/redis-events.service.js';
import { RedisKeys } from '../../redis/redis-keys.service.js';
import { Redis } from '../../redis/redis.service.js';
import { listToText } from './stored-list.js';
import { ToolCatalog } from '../tool-catalog.service.js';

/** A list is to be had so long by a gateway whose server cannot be asked. */
const LAST_GOOD_MS = 7 * 24 * 3_600_000;

/** A list to be written. */
interface News {
  readonly listedAt: number;
  /** Whether the other replicas are told. */
  readonly isChanged: boolean;
}

/**
 * Leaves what servers list to all replicas, and to the gateway's next start: the last list of each server, and all of them as they are
 * merged. Nobody waits for it, and what a server lists only for a caller's credentials is never among it.
 */
@Injectable()
export class SharedListWriter {
  private readonly logger = new Logger('discovery');
  /** One for each server at the most. */
  private readonly waiting = new Map<Upstream, News>();
  private writing: Promise<void> | undefined;
  /** Names of servers, and nothing for all of them, of which it was said that their list is too large. */
  private readonly told = new Set<string | undefined>();

  constructor(
    private readonly catalog: ToolCatalog,
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly events: RedisEvents,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'cacheTtlMs' | 'sharesLists'>,
  ) {}

  /** Writes down what the catalogue has of a server. */
  keep(upstream: Upstream, { listedAt, isChanged }: News): void {
    if (!this.redis.isConfigured || !this.settings.sharesLists) return;
    this.waiting.set(upstream, { listedAt, isChanged: isChanged || (this.waiting.get(upstream)?.isChanged ?? false) });
    this.writing ??= this.writeAll().finally(() => (this.writing = undefined));
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.size > 0) {
      let newest = 0;
      for (const [upstream, news] of this.waiting) {
        this.waiting.delete(upstream);
        newest = Math.max(newest, news.listedAt);
        await this.write(upstream, news);
      }
      await this.writeMerged(newest);
    }
  }

  private async write(upstream: Upstream, { listedAt, isChanged }: News): Promise<void> {
    const tools = this.catalog.toolsForAll(upstream);
    if (tools) await this.store(upstream.name, tools, { listedAt, maxBytes: upstream.settings.maxListBytes, isChanged });
  }

  /** With one server its list, with several their tools under the names that are published. */
  private async writeMerged(listedAt: number): Promise<void> {
    const { upstreams } = this.catalog;
    const [only, ...others] = upstreams;
    if (!only) return;
    const tools = others.length === 0 ? this.catalog.toolsForAll(only) : this.catalog.publishedForAll();
    const maxBytes = Math.max(...upstreams.map(({ settings }) => settings.maxListBytes));
    if (tools) await this.store(undefined, tools, { listedAt, maxBytes, isChanged: false });
  }

  private async store(
    server: string | undefined,
    tools: Iterable<McpTool>,
    { listedAt, maxBytes, isChanged }: News & { maxBytes: number },
  ) {
    if (!this.redis.isUsable) return;
    const [fresh, lastGood] = [this.keyOf('discovery', server), this.keyOf('last-good', server)];
    const text = await listToText(tools, listedAt, maxBytes);
    if (text === undefined) this.tellTooLarge(server, maxBytes);
    const freshMs = Math.min(listedAt + this.settings.cacheTtlMs - Date.now(), this.settings.cacheTtlMs);
    await this.redis.inBackground<unknown>((client) =>
      // What was there before goes with one that is too large.
      text === undefined
        ? client.del([fresh, lastGood])
        : Promise.all([
            client.set(fresh, text, { PX: Math.max(1, freshMs) }),
            client.set(lastGood, text, { PX: LAST_GOOD_MS }),
            server !== undefined && isChanged && this.events.publish(client, 'list', server),
          ]),
    );
  }

  private keyOf(kind: 'discovery' | 'last-good', server: string | undefined): string {
    return server === undefined ? this.keys.of('tools', kind) : this.keys.of('tools', kind, server);
  }

  private tellTooLarge(server: string | undefined, maxBytes: number): void {
    if (this.told.has(server)) return;
    this.told.add(server);
    const what = server === undefined ? 'all tools together are' : 'the list of tools is';
    this.logger.warn({ msg: `${what} not kept in Redis: more than ${maxBytes} bytes (MAX_LIST_BYTES)`, upstream: server });
  }
}
