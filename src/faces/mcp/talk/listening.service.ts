import { Injectable } from '@nestjs/common';
import { SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import type { Caller } from '../../../correlation/caller.js';
import { Changes, type ListKind } from '../methods/changes.service.js';
import { ResourceMethods } from '../methods/resources.service.js';
import { type Watcher, WatchedResourcesOfServers } from '../methods/watched.service.js';
import { MODERN } from '../rpc/era.js';
import { invalidParams, notificationText, replyText, type RpcRequest } from '../rpc/rpc.js';

/** What a client wants to hear of. */
interface Filter {
  readonly kinds: readonly ListKind[];
  readonly uris: readonly string[];
}

const FLAGS: readonly (readonly [string, ListKind])[] = [
  ['toolsListChanged', 'tools'],
  ['promptsListChanged', 'prompts'],
  ['resourcesListChanged', 'resources'],
];
/** More resources in one request are not read. */
const MAX_URIS = 1_000;

/** The answer where there are too many. */
export const SUBSCRIPTION_LIMIT = 'Subscription limit reached: close a stream that listens, then try again.';

/** Who listens, and where it is told. */
interface Listener {
  readonly caller: Caller;
  readonly server: string | undefined;
  readonly say: (text: string) => void;
}

/** A subscription that has begun. */
export interface Subscription {
  /** Nothing can be told of what was asked for: it is over already. */
  readonly isEmpty: boolean;
  /** The text that ends it from here. */
  readonly endText: string;
  /** Nothing more is said. Harmless when repeated. */
  close(): void;
}

/** `subscriptions/listen` (MCP 2026-07-28): tells of changes until its client wants to hear no more. */
@Injectable()
export class Listening {
  constructor(
    private readonly changes: Changes,
    private readonly watched: WatchedResourcesOfServers,
    private readonly resources: ResourceMethods,
  ) {}

  /** Throws for a request that says not of what. */
  async begin(rpc: RpcRequest, { caller, server, say }: Listener): Promise<Subscription> {
    const filter = readFilter(rpc);
    const tell = (method: string, params: JsonObject = {}): void => {
      const own = isJsonObject(params['_meta']) ? params['_meta'] : {};
      say(notificationText(method, { ...params, _meta: { ...own, [SUBSCRIPTION_ID_META_KEY]: rpc.id } }));
    };
    const watcher: Watcher = { caller, updated: (params) => tell('notifications/resources/updated', params) };
    const uris = await this.watch(filter.uris, watcher, server);
    tell('notifications/subscriptions/acknowledged', { notifications: honoured(filter.kinds, uris) });
    const changed = (kind: ListKind): void => {
      if (filter.kinds.includes(kind)) tell(`notifications/${kind}/list_changed`);
    };
    const listener = { caller, server, changed };
    this.changes.listeners.add(listener);
    return {
      isEmpty: filter.kinds.length === 0 && uris.length === 0,
      endText: replyText(rpc.id, { result: JSON.stringify({ resultType: 'complete', _meta: { [SUBSCRIPTION_ID_META_KEY]: rpc.id } }) }),
      close: () => {
        this.changes.listeners.delete(listener);
        this.watched.leaveAll(watcher);
      },
    };
  }

  /** Those of the resources that are watched from now on. */
  private async watch(uris: readonly string[], watcher: Watcher, server: string | undefined): Promise<string[]> {
    const watched: string[] = [];
    const asked = { caller: watcher.caller, server, client: CLIENT };
    for (const uri of uris) {
      const found = await this.resources.find(uri, asked).catch(() => undefined);
      if (found && !(await this.watched.watch(found.upstream, uri, watcher))) watched.push(uri);
    }
    return watched;
  }
}

const CLIENT = { era: 'modern', protocolVersion: MODERN, capabilities: {}, logLevel: undefined } as const;

function readFilter({ params }: RpcRequest): Filter {
  const { notifications } = params;
  if (!isJsonObject(notifications)) throw invalidParams('Invalid params: notifications is required');
  const uris = notifications['resourceSubscriptions'];
  return {
    kinds: FLAGS.flatMap(([flag, kind]) => (notifications[flag] === true ? [kind] : [])),
    uris: Array.isArray(uris) ? [...new Set(uris.slice(0, MAX_URIS).filter((uri) => typeof uri === 'string'))] : [],
  };
}

function honoured(kinds: readonly ListKind[], uris: readonly string[]): JsonObject {
  const flags = FLAGS.flatMap(([flag, kind]) => (kinds.includes(kind) ? [[flag, true] as const] : []));
  return { ...Object.fromEntries(flags), ...(uris.length > 0 && { resourceSubscriptions: uris }) };
}
