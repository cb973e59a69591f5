import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../../../correlation/caller.js';
import { McpMetrics } from '../../../metrics/mcp-metrics.js';
import { clientKey } from '../../../throttler/client-key.js';
import { Tally } from '../../../throttler/tally.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';

/** The streams on which clients listen, over all and for each: they take no place among the calls, and are not without end either. */
@Injectable()
export class ListenerCount {
  private readonly held = new Tally();

  constructor(
    @Inject(MCP_BOUNDS) private readonly bounds: McpBounds,
    private readonly metrics: McpMetrics,
  ) {}

  /** Takes a place; undefined where there is none, else what gives it back. */
  take({ principal, address }: Caller): (() => void) | undefined {
    const client = clientKey({ principal, clientAddress: address });
    const { maxListeners, maxListenersOfClient } = this.bounds;
    if (this.held.total >= maxListeners || this.held.of(client) >= maxListenersOfClient) return undefined;
    this.held.add(client, 1);
    this.metrics.streamOpened();
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.held.add(client, -1);
      this.metrics.streamClosed();
    };
  }
}
