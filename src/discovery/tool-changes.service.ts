import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { McpTool } from '@app/mcp-openapi';
import type { Upstream } from '../mcp-client/upstream.js';
import { SecurityEvents } from '../metrics/security-events.js';
import { ToolCatalog } from './tool-catalog.service.js';

/** So many tools of a server are remembered, also when it lists them no longer; beyond them the first is forgotten. */
const MAX_REMEMBERED = 20_000;
/** What is hashed at a stretch. */
const TOOLS_IN_A_TURN = 100;

/**
 * Tells the operator when a server describes a tool otherwise than it did when it was first seen: a person may have agreed to something else
 * than what the model is told now. Looks at each new list after it was published.
 */
@Injectable()
export class ToolChanges implements OnModuleInit {
  private readonly digests = new Map<string, Map<string, string>>();
  /** A tool that says the same stays the same object. */
  private readonly seen = new WeakSet<McpTool>();
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly catalog: ToolCatalog,
    private readonly events: SecurityEvents,
  ) {}

  onModuleInit(): void {
    this.catalog.onChange((changed) => {
      if (changed) this.last = this.last.then(() => this.lookAt(changed));
      else this.forgetRemoved();
    });
  }

  private async lookAt({ name: server }: Upstream): Promise<void> {
    const entries = this.catalog.snapshot().servers.get(server)?.entries.values() ?? [];
    let digests = this.digests.get(server);
    if (!digests) this.digests.set(server, (digests = new Map()));
    let hashed = 0;
    for (const { tool, upstream } of entries) {
      if (!upstream || this.seen.has(tool)) continue;
      if (++hashed % TOOLS_IN_A_TURN === 0) await nextTurn();
      this.seen.add(tool);
      this.note(server, tool, digests);
    }
  }

  private note(server: string, tool: McpTool, digests: Map<string, string>): void {
    const after = hash('sha256', JSON.stringify(tool));
    const before = digests.get(tool.name);
    digests.set(tool.name, after);
    if (digests.size > MAX_REMEMBERED) digests.delete(digests.keys().next().value as string);
    if (before !== undefined && before !== after)
      this.events.tellOfTool('tool_changed', { upstream: server, tool: tool.name, before, after });
  }

  private forgetRemoved(): void {
    const { servers } = this.catalog.snapshot();
    for (const server of this.digests.keys()) if (!servers.has(server)) this.digests.delete(server);
  }
}
