import { Injectable } from '@nestjs/common';
import { isJsonObject } from '@app/mcp-openapi';
import type { Exchange } from '../rpc/exchange.js';
import { invalidParams, type Reply } from '../rpc/rpc.js';
import { AskedServers } from '../upstream/asked-servers.service.js';
import { ownParams } from './own-params.js';
import { PromptMethods } from './prompts.service.js';
import { ResourceMethods } from './resources.service.js';

/** `completion/complete`: of what the server of a prompt or a template suggests. */
@Injectable()
export class CompletionMethods {
  constructor(
    private readonly prompts: PromptMethods,
    private readonly resources: ResourceMethods,
    private readonly asked: AskedServers,
  ) {}

  async complete(exchange: Exchange): Promise<Reply> {
    const { ref, ...params } = ownParams(exchange.request.params);
    if (!isJsonObject(ref)) throw invalidParams('Invalid params: ref is required');
    const method = 'completion/complete';
    if (ref['type'] === 'ref/prompt' && typeof ref['name'] === 'string') {
      const { server, name } = await this.prompts.find(ref['name'], exchange);
      return this.asked.ask(server, { method, params: { ...params, ref: { ...ref, name } } }, exchange);
    }
    if (ref['type'] !== 'ref/resource' || typeof ref['uri'] !== 'string')
      throw invalidParams('Invalid params: ref must name a prompt or a resource');
    return this.asked.ask(await this.resources.find(ref['uri'], exchange), { method, params: { ...params, ref } }, exchange);
  }
}
