import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { JsonObject } from '@app/mcp-openapi';
import type { Caller } from '../../../correlation/caller.js';
import { McpMetrics } from '../../../metrics/mcp-metrics.js';
import { byClient } from '../../../throttler/by-client.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';
import { KeptOfAll } from './kept-events.js';
import { McpSession } from './mcp-session.js';
import { OpenLinks } from './open-links.service.js';
import { principalName } from '../../../correlation/principal.js';

const SWEEP_MS = 10_000;

/** All sessions of clients. They are in this replica's memory: a client whose session is unknown begins another (404). */
@Injectable()
export class McpSessions implements OnModuleDestroy {
  private readonly byId = new Map<string, McpSession>();
  private readonly kept = new KeptOfAll();
  private readonly closing: ((session: McpSession) => void)[] = [];
  private sweeping: NodeJS.Timeout | undefined;

  constructor(
    @Inject(MCP_BOUNDS) private readonly bounds: McpBounds,
    private readonly metrics: McpMetrics,
    private readonly links: OpenLinks,
  ) {}

  onModuleDestroy(): void {
    clearInterval(this.sweeping);
    for (const session of this.all) this.end(session, 'gateway');
  }

  get all(): McpSession[] {
    return [...this.byId.values()];
  }

  /** Tells when one has ended, however. */
  onEnd(listener: (session: McpSession) => void): void {
    this.closing.push(listener);
  }

  /** Undefined where all that there may be are in use. */
  open(caller: Caller, server: string | undefined, opened: { protocolVersion: string; capabilities: JsonObject }): McpSession | undefined {
    if (this.byId.size >= this.bounds.maxSessions && !this.makeRoom()) return undefined;
    this.sweeping ??= setInterval(() => this.sweep(), SWEEP_MS).unref();
    const session = new McpSession(caller, server, opened, this.bounds, this.kept, this.links);
    this.byId.set(session.id, session);
    this.metrics.opened();
    return session;
  }

  /** The session of this id, for the principal that it belongs to and the endpoint that it was opened at; undefined for everybody else. */
  find(id: string, caller: Caller, server: string | undefined): McpSession | undefined {
    const session = this.byId.get(id);
    if (!session || session.principalName !== principalName(caller.principal) || session.server !== server) return undefined;
    session.caller = caller;
    session.usedAt = performance.now();
    return session;
  }

  end(session: McpSession, why: 'client' | 'idle' | 'room' | 'gateway'): void {
    if (!this.byId.delete(session.id)) return;
    session.close();
    this.metrics.ended(why);
    for (const listener of this.closing) listener(session);
  }

  private sweep(): void {
    const oldest = performance.now() - this.bounds.idleMs;
    for (const session of this.all) if (session.isIdle && session.usedAt < oldest) this.end(session, 'idle');
  }

  /** Of the client that has most the idle session that was used least recently makes room. */
  private makeRoom(): boolean {
    for (const sessions of byClient(this.byId.values())) {
      const [idle] = sessions.filter(({ isIdle }) => isIdle).sort((one, other) => one.usedAt - other.usedAt);
      if (!idle) continue;
      this.end(idle, 'room');
      return true;
    }
    return false;
  }
}
