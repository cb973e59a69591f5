import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../../../correlation/caller.js';
import { McpMetrics } from '../../../metrics/mcp-metrics.js';
import { clientKey } from '../../../throttler/client-key.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';

/** The streams on which clients listen, over all and for each: they take no place among the calls, and are not without end either. */
@Injectable()
export class ListenerCount {
  private readonly heldBy = new Map<string, number>();
  private total = 0;

  constructor(
    @Inject(MCP_BOUNDS) private readonly bounds: McpBounds,
    private readonly metrics: McpMetrics,
  ) {}

  /** Takes a place; undefined where there is none, else what gives it back. */
  take({ principal, address }: Caller): (() => void) | undefined {
    const client = clientKey({ principal, clientAddress: address });
    const held = this.heldBy.get(client) ?? 0;
    if (this.total >= this.bounds.maxListeners || held >= this.bounds.maxListenersOfClient) return undefined;
    this.heldBy.set(client, held + 1);
    this.total += 1;
    this.metrics.streamOpened();
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.total -= 1;
      this.metrics.streamClosed();
      const left = (this.heldBy.get(client) ?? 1) - 1;
      if (left === 0) this.heldBy.delete(client);
      else this.heldBy.set(client, left);
    };
  }
}
