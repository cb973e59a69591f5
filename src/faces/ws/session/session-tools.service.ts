import { Injectable } from '@nestjs/common';
import { outcomeToStatus } from '@app/mcp-openapi';
import { outcomeToFields } from '../../../errors/failed-outcome.js';
import { GatewayException } from '../../../errors/gateway.exception.js';
import type { CatalogEntry } from '../../../discovery/catalog-snapshot.js';
import { CallerView } from '../../../view/caller-view.js';
import { CallerViews } from '../../../view/caller-views.service.js';
import type { InboundFrame } from '../frames/inbound-frame.js';
import type { SocketSession } from './socket-session.js';

/** Tools that one frame tells of. */
const PAGE = 100;

/** Tells a session's client what tools there are. */
@Injectable()
export class SessionTools {
  constructor(private readonly views: CallerViews) {}

  /** A page of those that the caller may use. */
  async list(session: SocketSession, { correlationId, data }: InboundFrame<'list_tools'>): Promise<void> {
    const view = await this.views.forLists(session.caller);
    if (!(view instanceof CallerView)) throw new GatewayException(outcomeToStatus(view), outcomeToFields(view));
    const { revision, entries } = view.permitted;
    const start = Number(data.cursor ?? 0);
    const tools = page(entries.values(), start).map(describe);
    const next_cursor = start + PAGE < entries.size ? `${start + PAGE}` : undefined;
    session.send('tools_changed', correlationId, JSON.stringify({ revision, tools, next_cursor }));
  }
}

function page(entries: Iterable<CatalogEntry>, start: number): CatalogEntry[] {
  const found: CatalogEntry[] = [];
  let index = 0;
  for (const entry of entries) {
    if (index >= start + PAGE) break;
    if (index++ >= start) found.push(entry);
  }
  return found;
}

/** As MCP has tools (server/tools), under the name that callers use. */
function describe({ publishedName, tool }: CatalogEntry): object {
  const { title, description, inputSchema, outputSchema, annotations } = tool;
  return { name: publishedName, title, description, inputSchema, outputSchema, annotations };
}
