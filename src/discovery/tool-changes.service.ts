import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { McpTool } from '@app/mcp-openapi';
import { setNewest } from '../cache/set-newest.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { SecurityEvents } from '../metrics/security-events.js';
import type { CatalogEntry } from './catalog-snapshot.js';
import type { ServerList } from './lists/server-list.js';
import { ToolCatalog } from './tool-catalog.service.js';

/** So many tools of a server are remembered, also when it lists them no longer; beyond them that is forgotten which was seen longest ago. */
const MAX_REMEMBERED = 20_000;
/** And so many of a server's tools as it lists them to callers, of all callers together. */
const MAX_REMEMBERED_OF_CALLERS = 50_000;
/** What is hashed at a stretch. */
const TOOLS_IN_A_TURN = 100;

/**
 * Tells the operator when a server describes a tool otherwise than it did when it was first seen, by everybody or by one caller: a person may
 * have agreed to something else than what the model is told now. Looks at each new list after it was published.
 */
@Injectable()
export class ToolChanges implements OnModuleInit {
  /** By server, and by the name of the tool. */
  private readonly digests = new Map<string, Map<string, string>>();
  /** By server, and by what is made of the caller and the name of the tool. */
  private readonly digestsOfCallers = new Map<string, Map<string, string>>();
  /** A tool that says the same stays the same object. */
  private readonly seen = new WeakSet<McpTool>();
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly catalog: ToolCatalog,
    private readonly events: SecurityEvents,
  ) {}

  onModuleInit(): void {
    this.catalog.onChange((changed) => {
      if (changed) this.lookSoon(() => this.lookAt(changed));
      else this.forgetRemoved();
    });
  }

  /** Looks at what a server lists to one caller; `caller` stands for the credentials, and is told nobody. */
  onListOf(caller: string, { own }: ServerList): void {
    const keyOf = (tool: McpTool): string => hash('sha256', `${caller}\0${tool.name}`, 'base64url');
    this.lookSoon(() =>
      this.compare(own.name, own.entries.values(), {
        digests: known(this.digestsOfCallers, own.name),
        keyOf,
        maxDigests: MAX_REMEMBERED_OF_CALLERS,
      }),
    );
  }

  private lookSoon(look: () => Promise<void>): void {
    this.last = this.last.then(look);
  }

  private lookAt({ name }: Upstream): Promise<void> {
    const entries = this.catalog.snapshot().servers.get(name)?.entries.values() ?? [];
    return this.compare(name, entries, { digests: known(this.digests, name), keyOf: (tool) => tool.name, maxDigests: MAX_REMEMBERED });
  }

  private async compare(server: string, entries: Iterable<CatalogEntry>, memory: Memory): Promise<void> {
    let hashed = 0;
    const times = new Map<string, number>();
    for (const { tool, upstream } of entries) {
      if (!upstream) continue;
      const nth = times.get(tool.name) ?? 0;
      times.set(tool.name, nth + 1);
      if (this.seen.has(tool)) continue;
      if (++hashed % TOOLS_IN_A_TURN === 0) await nextTurn();
      this.seen.add(tool);
      this.note(server, tool, nth, memory);
    }
  }

  /** `nth`: of the tools of this name in the list, which are none of each other's changes. */
  private note(server: string, tool: McpTool, nth: number, { digests, keyOf, maxDigests }: Memory): void {
    const key = nth === 0 ? keyOf(tool) : `${keyOf(tool)}\0${nth}`;
    const after = hash('sha256', JSON.stringify(tool));
    const before = digests.get(key);
    setNewest(digests, key, after, maxDigests);
    if (before !== undefined && before !== after)
      this.events.tellOfTool('tool_changed', { upstream: server, tool: tool.name, before, after });
  }

  private forgetRemoved(): void {
    const { servers } = this.catalog.snapshot();
    for (const byServer of [this.digests, this.digestsOfCallers])
      for (const server of byServer.keys()) if (!servers.has(server)) byServer.delete(server);
  }
}

/** What tools said before, and where it is kept for each. */
interface Memory {
  readonly digests: Map<string, string>;
  readonly keyOf: (tool: McpTool) => string;
  readonly maxDigests: number;
}

function known(byServer: Map<string, Map<string, string>>, server: string): Map<string, string> {
  let digests = byServer.get(server);
  if (!digests) byServer.set(server, (digests = new Map()));
  return digests;
}
