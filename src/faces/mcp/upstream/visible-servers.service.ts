import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../correlation/caller.js';
import { McpClient } from '../../../mcp-client/mcp-client.service.js';
import type { Upstream } from '../../../mcp-client/upstream.js';
import { CallerView } from '../../../view/caller-view.js';
import { CallerViews } from '../../../view/caller-views.service.js';
import { RpcFailed } from '../rpc/rpc.js';
import { failedToRpc } from './outcome-to-reply.js';

/** A server that a caller may use, on the connection that this caller's requests go on. */
export interface VisibleServer {
  readonly name: string;
  readonly upstream: Upstream;
}

/** Which servers a caller sees: those that are permitted, with all their prompts and resources. */
@Injectable()
export class VisibleServers {
  constructor(
    private readonly views: CallerViews,
    private readonly mcpClient: McpClient,
  ) {}

  /** What the caller sees of tools; asks servers that list for callers alone. Throws what their headers are refused with. */
  async view(caller: Caller, server: string | undefined): Promise<CallerView> {
    const view = await this.views.forLists(caller, server);
    if (view instanceof CallerView) return view;
    throw new RpcFailed(failedToRpc(view));
  }

  /** In the order of the configuration; only the named one where one is named. */
  async of(caller: Caller, server: string | undefined): Promise<VisibleServer[]> {
    const view = await this.view(caller, server);
    return this.mcpClient.upstreams
      .filter(({ name }) => (server === undefined || name === server) && view.permitsServer(name))
      .map((upstream) => ({ name: upstream.name, upstream: view.connectionTo(upstream) ?? upstream }));
  }

  /** Whether there is a server of this name, as far as the caller may know. */
  has(caller: Caller, server: string): boolean {
    return this.views.known(caller).permitsServer(server) && this.mcpClient.upstreams.some(({ name }) => name === server);
  }
}

/** Whether it can be asked at this moment, or only by callers with credentials of their own. */
export function isThere({ isConnected, asksCallers }: Upstream): boolean {
  return isConnected || asksCallers;
}
