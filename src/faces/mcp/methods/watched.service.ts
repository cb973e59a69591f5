import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../../../correlation/caller.js';
import { clientKey } from '../../../throttler/client-key.js';
import { Tally } from '../../../throttler/tally.js';
import type { Upstream } from '../../../mcp-client/upstream.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';

/** Why a resource is not watched for a client. */
type NotWatched = 'refused' | 'full';

/** One who wants to know of a resource: a session, or a stream that listens. */
export interface Watcher {
  readonly caller: Caller;
  updated(params: Readonly<Record<string, unknown>>): void;
}

/** The resources that clients want to know of: each server is asked for each once, however many clients there are. */
@Injectable()
export class WatchedResourcesOfServers {
  private readonly watchers = new Map<Upstream, Map<string, Set<Watcher>>>();
  private readonly held = new Tally();

  constructor(@Inject(MCP_BOUNDS) private readonly bounds: McpBounds) {}

  /** Undefined when the server tells of it from now on. Harmless when repeated. */
  async watch(upstream: Upstream, uri: string, watcher: Watcher): Promise<NotWatched | undefined> {
    const uris = this.watchers.get(upstream) ?? this.follow(upstream);
    const known = uris.get(uri);
    if (known?.has(watcher)) return undefined;
    const client = keyOf(watcher);
    if (this.held.of(client) >= this.bounds.maxWatchedOfClient || (!known && uris.size >= this.bounds.maxWatchedOfServer)) return 'full';
    this.held.add(client, 1);
    const all = known ?? new Set<Watcher>();
    all.add(watcher);
    uris.set(uri, all);
    if (known) return undefined;
    try {
      await upstream.watch([...uris.keys()]);
      return undefined;
    } catch {
      this.leave(upstream, uri, watcher);
      return 'refused';
    }
  }

  leave(upstream: Upstream, uri: string, watcher: Watcher): void {
    const uris = this.watchers.get(upstream);
    const all = uris?.get(uri);
    if (!uris || !all?.delete(watcher)) return;
    this.held.add(keyOf(watcher), -1);
    if (all.size > 0) return;
    uris.delete(uri);
    void upstream.watch([...uris.keys()]).catch(() => undefined);
  }

  /** It wants to know of nothing any more. */
  leaveAll(watcher: Watcher): void {
    for (const [upstream, uris] of this.watchers) for (const uri of [...uris.keys()]) this.leave(upstream, uri, watcher);
  }

  private follow(upstream: Upstream): Map<string, Set<Watcher>> {
    const uris = new Map<string, Set<Watcher>>();
    this.watchers.set(upstream, uris);
    upstream.on('notice', (notice) => {
      if (notice.kind !== 'updated') return;
      const { uri } = notice.params;
      for (const watcher of uris.get(String(uri)) ?? []) watcher.updated(notice.params);
    });
    return uris;
  }
}

/** Who holds it does not change while it is held. */
function keyOf({ caller }: Watcher): string {
  return clientKey({ principal: caller.principal, clientAddress: caller.address });
}
