import { Injectable, type OnModuleInit } from '@nestjs/common';
import { McpClient } from '../../../mcp-client/mcp-client.service.js';
import type { Exchange } from '../rpc/exchange.js';
import { isLogLevel } from '../rpc/log-level.js';
import { CODE, invalidParams, type Reply, RpcFailed } from '../rpc/rpc.js';
import type { McpSession } from '../session/mcp-session.js';
import { McpSessions } from '../session/mcp-sessions.service.js';
import { ResourceMethods, uriOf } from './resources.service.js';
import { type Watcher, WatchedResourcesOfServers } from './watched.service.js';

const DONE: Reply = { result: '{}' };

/** What is asked of a session itself, before 2026-07-28: what it wants to hear. */
@Injectable()
export class SessionMethods implements OnModuleInit {
  private readonly watchers = new WeakMap<McpSession, Watcher>();

  constructor(
    private readonly sessions: McpSessions,
    private readonly resources: ResourceMethods,
    private readonly watched: WatchedResourcesOfServers,
    private readonly mcpClient: McpClient,
  ) {}

  onModuleInit(): void {
    this.sessions.onEnd((session) => {
      const watcher = this.watchers.get(session);
      if (watcher) this.watched.leaveAll(watcher);
    });
  }

  setLevel({ request, session }: Exchange): Reply {
    const { level } = request.params;
    if (!isLogLevel(level)) throw invalidParams('Invalid params: level is none of RFC 5424');
    if (session) session.logLevel = level;
    return DONE;
  }

  async subscribe(exchange: Exchange): Promise<Reply> {
    const session = required(exchange);
    const uri = uriOf(exchange.request.params);
    const { upstream } = await this.resources.find(uri, exchange);
    const problem = await this.watched.watch(upstream, uri, this.watcherOf(session));
    if (problem === 'full') throw new RpcFailed({ code: CODE.refused, message: 'Too many resources are watched: unsubscribe from some.' });
    if (problem === 'refused')
      throw new RpcFailed({ code: CODE.internalError, message: 'The MCP server tells of no changes of this resource.' });
    if (session.isOver) this.watched.leaveAll(this.watcherOf(session));
    return DONE;
  }

  unsubscribe(exchange: Exchange): Reply {
    const watcher = this.watcherOf(required(exchange));
    const uri = uriOf(exchange.request.params);
    for (const upstream of this.mcpClient.upstreams) this.watched.leave(upstream, uri, watcher);
    return DONE;
  }

  private watcherOf(session: McpSession): Watcher {
    let watcher = this.watchers.get(session);
    if (!watcher) {
      const updated: Watcher['updated'] = (params) => session.say('notifications/resources/updated', params);
      this.watchers.set(session, (watcher = { caller: session.caller, updated }));
    }
    return watcher;
  }
}

function required({ session }: Exchange): McpSession {
  if (session) return session;
  throw new RpcFailed({ code: CODE.methodNotFound, message: 'Method not found' });
}
