import { Injectable } from '@nestjs/common';
import { isJsonObject } from '@app/mcp-openapi';
import { readTraceContext } from '../../../correlation/trace-context.js';
import { unexpectedFailure } from '../../../errors/unexpected-failure.js';
import { McpMetrics } from '../../../metrics/mcp-metrics.js';
import type { Exchange } from '../rpc/exchange.js';
import { CODE, type Reply, RpcFailed } from '../rpc/rpc.js';
import { CompletionMethods } from './completion.service.js';
import { Greeting } from './greeting.service.js';
import { PromptMethods } from './prompts.service.js';
import { ResourceMethods } from './resources.service.js';
import { SessionMethods } from './session-methods.service.js';
import { ToolMethods } from './tools.service.js';

type Method = (exchange: Exchange) => Reply | Promise<Reply>;

/** Answers requests, whatever way they came, by their methods. Which there are depends on the generation (MCP 2026-07-28 "Removed"). */
@Injectable()
export class Methods {
  private readonly byEra: Readonly<Record<'legacy' | 'modern', ReadonlyMap<string, Method>>>;

  constructor(
    tools: ToolMethods,
    prompts: PromptMethods,
    resources: ResourceMethods,
    completion: CompletionMethods,
    greeting: Greeting,
    session: SessionMethods,
    private readonly metrics: McpMetrics,
  ) {
    const both: [string, Method][] = [
      ['tools/list', (exchange) => tools.list(exchange)],
      ['tools/call', (exchange) => tools.call(exchange)],
      ['prompts/list', (exchange) => prompts.list(exchange)],
      ['prompts/get', (exchange) => prompts.get(exchange)],
      ['resources/list', (exchange) => resources.list('resources', exchange)],
      ['resources/templates/list', (exchange) => resources.list('resourceTemplates', exchange)],
      ['resources/read', (exchange) => resources.read(exchange)],
      ['completion/complete', (exchange) => completion.complete(exchange)],
    ];
    this.byEra = {
      legacy: new Map<string, Method>([
        ...both,
        ['ping', () => ({ result: '{}' })],
        ['logging/setLevel', (exchange) => session.setLevel(exchange)],
        ['resources/subscribe', (exchange) => session.subscribe(exchange)],
        ['resources/unsubscribe', (exchange) => session.unsubscribe(exchange)],
      ]),
      modern: new Map<string, Method>([...both, ['server/discover', (exchange) => greeting.discover(exchange)]]),
    };
  }

  has(era: 'legacy' | 'modern', method: string): boolean {
    return this.byEra[era].has(method);
  }

  /** Never rejects. */
  async answer(exchange: Exchange): Promise<Reply> {
    const { client, request, context } = exchange;
    const method = this.byEra[client.era].get(request.method);
    this.metrics.count(client.era, method ? request.method : 'other');
    const meta = request.params['_meta'];
    // What the message itself says is nearer to it than the headers that it came with (MCP SEP-414).
    if (isJsonObject(meta) && meta['traceparent'] !== undefined)
      context.trace = readTraceContext(meta['traceparent'], meta['tracestate']) ?? context.trace;
    if (!method) return { failure: { code: CODE.methodNotFound, message: 'Method not found' } };
    try {
      return await method(exchange);
    } catch (error) {
      if (error instanceof RpcFailed) {
        context.errorType ??= 'validation_error';
        return { failure: error.failure };
      }
      context.errorType = 'internal_error';
      const { correlationId: correlation_id } = context;
      const { message } = unexpectedFailure(error, correlation_id);
      return { failure: { code: CODE.internalError, message, data: { correlation_id } } };
    }
  }
}
