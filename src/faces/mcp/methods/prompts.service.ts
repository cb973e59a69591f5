import { Injectable } from '@nestjs/common';
import type { JsonObject } from '@app/mcp-openapi';
import { ListReplies } from '../lists/list-reply.js';
import { OfferedLists } from '../lists/offered-lists.service.js';
import type { Item } from '../lists/page.js';
import type { Exchange } from '../rpc/exchange.js';
import { invalidParams, type Reply } from '../rpc/rpc.js';
import { AskedServers } from '../upstream/asked-servers.service.js';
import { isThere, type VisibleServer, VisibleServers } from '../upstream/visible-servers.service.js';
import { ownParams } from './own-params.js';
import { MergedNames } from './merged-names.js';

/** `prompts/list` and `prompts/get`. Where all servers are merged a prompt is called as its tools are: its server in front. */
@Injectable()
export class PromptMethods {
  constructor(
    private readonly servers: VisibleServers,
    private readonly lists: OfferedLists,
    private readonly replies: ListReplies,
    private readonly asked: AskedServers,
    private readonly names: MergedNames,
  ) {}

  async list(exchange: Exchange): Promise<Reply> {
    const { caller, server, request, client } = exchange;
    const visible = await this.servers.of(caller, server);
    const lists = await Promise.all(visible.map(async (each) => [each, await this.lists.of('prompts', each.upstream, caller)] as const));
    const items = lists.flatMap(([{ name }, prompts]) => prompts.flatMap((prompt) => this.item(prompt, name, server)));
    return this.replies.page('prompts', items, request.params['cursor'], client);
  }

  async get(exchange: Exchange): Promise<Reply> {
    const params = ownParams(exchange.request.params);
    const { name } = params;
    if (typeof name !== 'string') throw invalidParams('Invalid params: name is required');
    const found = await this.find(name, exchange);
    const request = { method: 'prompts/get', params: { ...params, name: found.name } };
    return this.asked.ask(found.server, request, exchange, { isCounted: true });
  }

  /** The server that a prompt is of, and its name there. Throws where there is none. */
  async find(name: string, { caller, server }: Exchange): Promise<{ readonly server: VisibleServer; readonly name: string }> {
    const visible = (await this.servers.of(caller, server)).filter(({ upstream }) => isThere(upstream));
    for (const each of visible) {
      const own = this.names.own(name, each.name, server);
      if (own === undefined) continue;
      const listed = await this.lists.of('prompts', each.upstream, caller);
      // A server may take more names than it lists, if it is the only one that is meant.
      if (server !== undefined || listed.some((prompt) => prompt['name'] === own)) return { server: each, name: own };
    }
    throw invalidParams(`Prompt ${name.slice(0, 200)} not found`);
  }

  private item(prompt: JsonObject, of: string, server: string | undefined): Item[] {
    const { name } = prompt;
    if (typeof name !== 'string') return [];
    const own = this.names.merged(name, of, server);
    return [{ key: own, text: () => JSON.stringify({ ...prompt, name: own }) }];
  }
}
