import { Inject, Injectable } from '@nestjs/common';
import { callerOf } from '../../../http/caller-of.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';
import { CODE, RpcFailed, type RpcRequest } from '../rpc/rpc.js';
import { Listening, SUBSCRIPTION_LIMIT } from '../talk/listening.service.js';
import { beginEvents, eventText } from './http-answer.js';
import { ListenerCount } from './listener-count.service.js';
import { type McpRequest, serverOf } from './mcp-request.js';
import { HttpRefused } from './rpc-refusal.js';

/** The stream of a subscription, until its client closes it, or the gateway goes away in its own time. */
@Injectable()
export class ListenStreams {
  private readonly ends = new Set<() => void>();

  constructor(
    private readonly listening: Listening,
    private readonly count: ListenerCount,
    @Inject(MCP_BOUNDS) private readonly bounds: McpBounds,
  ) {}

  /** Ends all in their own words. */
  endAll(): void {
    for (const end of [...this.ends]) end();
  }

  async serve(request: McpRequest, rpc: RpcRequest): Promise<void> {
    const caller = callerOf(request);
    const place = this.count.take(caller);
    if (!place) throw new HttpRefused(200, { code: CODE.internalError, message: SUBSCRIPTION_LIMIT }, rpc.id);
    const closed = new Promise<void>((resolve) => request.res?.once('close', resolve));
    void closed.then(place);
    try {
      const write = (text: string): void => {
        const response = request.res;
        if (!response || response.writableEnded || response.destroyed) return;
        if (!response.headersSent) beginEvents(request);
        response.write(eventText(undefined, text));
      };
      const subscription = await this.listening.begin(rpc, { caller, server: serverOf(request), say: write });
      const end = (): void => {
        write(subscription.endText);
        request.res?.end();
      };
      const keepingAlive = setInterval(() => {
        if (!request.res?.writableNeedDrain) request.res?.write(': \n\n');
      }, this.bounds.keepAliveMs).unref();
      this.ends.add(end);
      void closed.then(() => {
        clearInterval(keepingAlive);
        this.ends.delete(end);
        subscription.close();
      });
      if (subscription.isEmpty) end();
    } catch (error) {
      if (!(error instanceof RpcFailed)) throw error;
      throw new HttpRefused(200, error.failure, rpc.id);
    }
  }
}
