import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';
import { Changes, type ListKind } from '../methods/changes.service.js';
import { ResourceMethods } from '../methods/resources.service.js';
import { type Watcher, WatchedResourcesOfServers } from '../methods/watched.service.js';
import { MODERN } from '../rpc/era.js';
import { CODE, notificationText, replyText, type RpcRequest } from '../rpc/rpc.js';
import { beginEvents, eventText } from './http-answer.js';
import { ListenerCount } from './listener-count.service.js';
import { callerOf, type McpRequest, serverOf } from './mcp-request.js';
import { HttpRefused } from './rpc-refusal.js';

/** What a client wants to hear of, as far as it can be told. */
interface Filter {
  readonly kinds: readonly ListKind[];
  readonly uris: readonly string[];
}

const FLAGS: readonly (readonly [string, ListKind])[] = [
  ['toolsListChanged', 'tools'],
  ['promptsListChanged', 'prompts'],
  ['resourcesListChanged', 'resources'],
];

/** `subscriptions/listen` (MCP 2026-07-28): a stream that tells of changes until its client closes it. */
@Injectable()
export class Listening implements OnModuleDestroy {
  private readonly ends = new Set<() => void>();

  constructor(
    private readonly changes: Changes,
    private readonly watched: WatchedResourcesOfServers,
    private readonly resources: ResourceMethods,
    private readonly count: ListenerCount,
    @Inject(MCP_BOUNDS) private readonly bounds: McpBounds,
  ) {}

  onModuleDestroy(): void {
    this.endAll();
  }

  /** Ends all, as a server does that goes away in its own time. */
  endAll(): void {
    for (const end of [...this.ends]) end();
  }

  async serve(request: McpRequest, rpc: RpcRequest): Promise<void> {
    const filter = readFilter(rpc);
    const caller = callerOf(request);
    const place = this.count.take(caller);
    if (!place) throw new HttpRefused(200, { code: CODE.internalError, message: 'Subscription limit reached' }, rpc.id);
    request.res?.once('close', place);
    const say = (method: string, params: JsonObject = {}): void => {
      const own = isJsonObject(params['_meta']) ? params['_meta'] : {};
      write(notificationText(method, { ...params, _meta: { ...own, [SUBSCRIPTION_ID_META_KEY]: rpc.id } }));
    };
    const watcher: Watcher = { caller, updated: (params) => say('notifications/resources/updated', params) };
    const uris = await this.watch(filter.uris, watcher, request);
    if (request.res?.destroyed) return this.watched.leaveAll(watcher);
    const response = beginEvents(request);
    const write = (text: string): void => void response.write(eventText(undefined, text));
    say('notifications/subscriptions/acknowledged', { notifications: honoured(filter.kinds, uris) });
    const listener = {
      caller,
      server: serverOf(request),
      changed: (kind: ListKind) => {
        if (filter.kinds.includes(kind)) say(`notifications/${kind}/list_changed`);
      },
    };
    const keepingAlive = setInterval(() => {
      if (!response.writableNeedDrain) response.write(': \n\n');
    }, this.bounds.keepAliveMs).unref();
    const end = (): void => {
      write(replyText(rpc.id, { result: JSON.stringify({ resultType: 'complete', _meta: { [SUBSCRIPTION_ID_META_KEY]: rpc.id } }) }));
      response.end();
    };
    this.changes.listeners.add(listener);
    this.ends.add(end);
    response.once('close', () => {
      clearInterval(keepingAlive);
      this.changes.listeners.delete(listener);
      this.ends.delete(end);
      this.watched.leaveAll(watcher);
    });
    if (filter.kinds.length === 0 && uris.length === 0) end();
  }

  /** Those of the resources that are watched from now on. */
  private async watch(uris: readonly string[], watcher: Watcher, request: McpRequest): Promise<string[]> {
    const watched: string[] = [];
    const asked = { caller: watcher.caller, server: serverOf(request), client: CLIENT };
    for (const uri of uris) {
      const found = await this.resources.find(uri, asked).catch(() => undefined);
      if (found && !(await this.watched.watch(found.upstream, uri, watcher))) watched.push(uri);
    }
    return watched;
  }
}

const CLIENT = { era: 'modern', protocolVersion: MODERN, capabilities: {}, logLevel: undefined } as const;

function readFilter({ id, params }: RpcRequest): Filter {
  const { notifications } = params;
  if (!isJsonObject(notifications))
    throw new HttpRefused(200, { code: CODE.invalidParams, message: 'Invalid params: notifications is required' }, id);
  const uris = notifications['resourceSubscriptions'];
  return {
    kinds: FLAGS.flatMap(([flag, kind]) => (notifications[flag] === true ? [kind] : [])),
    uris: Array.isArray(uris) ? [...new Set(uris.filter((uri) => typeof uri === 'string'))] : [],
  };
}

function honoured(kinds: readonly ListKind[], uris: readonly string[]): JsonObject {
  const flags = FLAGS.flatMap(([flag, kind]) => (kinds.includes(kind) ? [[flag, true] as const] : []));
  return { ...Object.fromEntries(flags), ...(uris.length > 0 && { resourceSubscriptions: uris }) };
}
