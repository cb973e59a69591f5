import { Inject, Injectable } from '@nestjs/common';
import { hasCredentials, SETTINGS, type Settings } from '../../../config/settings.js';
import { McpClient } from '../../../mcp-client/mcp-client.service.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';
import type { ClientTraits } from '../rpc/client-traits.js';
import type { Reply } from '../rpc/rpc.js';
import { type Item, pageOf } from './page.js';

/** So long a client since 2026-07-28 may keep a list without asking again; it is told of changes if it listens for them. */
const LIST_TTL_MS = 10_000;

/** Writes lists: a page of them, with what clients may do with it. */
@Injectable()
export class ListReplies {
  constructor(
    @Inject(MCP_BOUNDS) private readonly bounds: McpBounds,
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly mcpClient: McpClient,
  ) {}

  /** `name`: the member that holds the items. */
  page(name: string, items: Iterable<Item>, cursor: unknown, client: ClientTraits): Reply {
    const { texts, nextCursor } = pageOf(items, cursor, this.bounds);
    const next = nextCursor === undefined ? '' : `,"nextCursor":${JSON.stringify(nextCursor)}`;
    return { result: `{${this.head(client)}"${name}":[${texts.join(',')}]${next}}` };
  }

  /** The members that go before all others of what can be kept. */
  head({ era }: ClientTraits): string {
    return era === 'legacy' ? '' : `"resultType":"complete","ttlMs":${LIST_TTL_MS},"cacheScope":"${this.scope}",`;
  }

  /** Only where nothing depends on who asks. */
  private get scope(): 'public' | 'private' {
    const isForAll =
      !hasCredentials(this.settings) && this.mcpClient.upstreams.every(({ settings }) => settings.forwardHeaders.length === 0);
    return isForAll ? 'public' : 'private';
  }
}
