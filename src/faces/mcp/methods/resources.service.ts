import { Injectable } from '@nestjs/common';
import type { JsonObject } from '@app/mcp-openapi';
import { ListReplies } from '../lists/list-reply.js';
import { type OfferedKind, OfferedLists } from '../lists/offered-lists.service.js';
import type { Exchange } from '../rpc/exchange.js';
import { CODE, invalidParams, type Reply, RpcFailed } from '../rpc/rpc.js';
import { AskedServers } from '../upstream/asked-servers.service.js';
import { isThere, type VisibleServer, VisibleServers } from '../upstream/visible-servers.service.js';
import { fitsTemplate } from './fits-template.js';
import { ownParams } from './own-params.js';

/** What a resource is looked for with. */
type Asked = Pick<Exchange, 'caller' | 'server' | 'client'>;

/** A longer template is compared to the letter only. */
const MAX_TEMPLATE = 1_000;
const MAX_URI = 8_000;
/** So many servers are asked for a resource that none of them lists. */
const MAX_ASKED = 20;

/** `resources/list`, `resources/templates/list` and `resources/read`. URIs are those of the servers: the first that has one is asked for it. */
@Injectable()
export class ResourceMethods {
  constructor(
    private readonly servers: VisibleServers,
    private readonly lists: OfferedLists,
    private readonly replies: ListReplies,
    private readonly asked: AskedServers,
  ) {}

  async list(kind: Exclude<OfferedKind, 'prompts'>, { caller, server, request, client }: Exchange): Promise<Reply> {
    const visible = await this.servers.of(caller, server);
    const all = await Promise.all(visible.map(({ upstream }) => this.lists.of(kind, upstream, caller)));
    const key = kind === 'resources' ? 'uri' : 'uriTemplate';
    const seen = new Set<unknown>();
    const items = all.flat().filter((item) => typeof item[key] === 'string' && !seen.has(item[key]) && seen.add(item[key]));
    const told = items.map((item) => ({ key: String(item[key]), text: () => JSON.stringify(item) }));
    return this.replies.page(kind, told, request.params['cursor'], client);
  }

  async read(exchange: Exchange): Promise<Reply> {
    const uri = uriOf(exchange.request.params);
    const request = { method: 'resources/read', params: ownParams(exchange.request.params) };
    const how = { isCounted: true, hints: { ttlMs: 0, cacheScope: 'private' } };
    const candidates = await this.candidates(uri, exchange);
    for (const [at, server] of candidates.entries()) {
      const reply = await this.asked.ask(server, request, exchange, { ...how, isCounted: at === 0 });
      if (at === candidates.length - 1 || !isUnknown(reply)) return reply;
    }
    throw notFound(uri, exchange);
  }

  /** The server that a URI is of. Throws where there is none. */
  async find(uri: string, exchange: Asked): Promise<VisibleServer> {
    const [first] = await this.candidates(uri, exchange);
    if (first) return first;
    throw notFound(uri, exchange);
  }

  /** Where one lists it, or a template for it, that one; else all that have resources. */
  private async candidates(uri: string, { caller, server }: Asked): Promise<VisibleServer[]> {
    const visible = (await this.servers.of(caller, server)).filter(({ upstream }) => hasResources(upstream));
    if (visible.length <= 1) return visible;
    const listing = async (kind: OfferedKind, isIt: (item: JsonObject) => boolean) => {
      const all = await Promise.all(visible.map(({ upstream }) => this.lists.of(kind, upstream, caller)));
      return visible.find((_, at) => all[at]?.some(isIt));
    };
    const owner =
      (await listing('resources', (item) => item['uri'] === uri)) ??
      (await listing('resourceTemplates', (item) => item['uriTemplate'] === uri || fits(item['uriTemplate'], uri)));
    return owner ? [owner] : visible.slice(0, MAX_ASKED);
  }
}

/** The resource that a request is about. Throws for none, and for one that is too long. */
export function uriOf({ uri }: JsonObject): string {
  if (typeof uri !== 'string') throw invalidParams('Invalid params: uri is required');
  if (uri.length > MAX_URI) throw invalidParams(`Invalid params: uri is longer than ${MAX_URI} characters`);
  return uri;
}

function hasResources(upstream: VisibleServer['upstream']): boolean {
  return isThere(upstream) && upstream.status().server?.capabilities['resources'] !== undefined;
}

function fits(template: unknown, uri: string): boolean {
  return typeof template === 'string' && template.length <= MAX_TEMPLATE && fitsTemplate(template, uri);
}

function isUnknown(reply: Reply): boolean {
  return 'failure' in reply && (reply.failure.code === CODE.resourceNotFound || reply.failure.code === CODE.invalidParams);
}

function notFound(uri: string, { client }: Asked): RpcFailed {
  const code = client.era === 'modern' ? CODE.invalidParams : CODE.resourceNotFound;
  return new RpcFailed({ code, message: 'Resource not found', data: { uri } });
}
