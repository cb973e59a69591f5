import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ToolCatalog } from '../../../discovery/tool-catalog.service.js';
import { McpClient } from '../../../mcp-client/mcp-client.service.js';
import type { Upstream } from '../../../mcp-client/upstream.js';
import { CallerViews } from '../../../view/caller-views.service.js';
import type { Caller } from '../../../correlation/caller.js';
import { McpSessions } from '../session/mcp-sessions.service.js';

/** The lists that can change. */
export type ListKind = 'tools' | 'prompts' | 'resources';
const KINDS: readonly ListKind[] = ['tools', 'prompts', 'resources'];

/** Changes within this time are told as one. */
const MERGE_MS = 50;

/** One who wants to know of changed lists. */
interface ListListener {
  readonly caller: Caller;
  /** The server that it is about; undefined for all. */
  readonly server: string | undefined;
  changed(kind: ListKind): void;
}

/** Tells clients that lists are others: since a server said so, or came, or went. */
@Injectable()
export class Changes implements OnModuleInit {
  readonly listeners = new Set<ListListener>();
  /** Servers by what of theirs is another; `undefined` for any. */
  private readonly due: Readonly<Record<ListKind, Set<string | undefined>>> = {
    tools: new Set(),
    prompts: new Set(),
    resources: new Set(),
  };
  private readonly wasThere = new WeakMap<Upstream, boolean>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly catalog: ToolCatalog,
    private readonly mcpClient: McpClient,
    private readonly views: CallerViews,
    private readonly sessions: McpSessions,
  ) {}

  onModuleInit(): void {
    this.catalog.onChange((changed) => this.note('tools', changed?.name));
    for (const upstream of this.mcpClient.upstreams) this.follow(upstream);
    this.mcpClient.on('servers', ({ added, replaced }) => {
      for (const upstream of [...added, ...replaced.map(({ after }) => after)]) this.follow(upstream);
      for (const kind of KINDS) this.note(kind, undefined);
    });
  }

  private follow(upstream: Upstream): void {
    upstream.on('notice', ({ kind }) => {
      if (kind === 'prompts' || kind === 'resources') this.note(kind, upstream.name);
    });
    // Whatever it offers comes and goes with it.
    upstream.on('state', () => {
      const isThere = upstream.isConnected || upstream.asksCallers;
      if (this.wasThere.get(upstream) === isThere) return;
      this.wasThere.set(upstream, isThere);
      for (const kind of KINDS) this.note(kind, upstream.name);
    });
  }

  private note(kind: ListKind, server: string | undefined): void {
    this.due[kind].add(server);
    this.timer ??= setTimeout(() => this.tell(), MERGE_MS).unref();
  }

  private tell(): void {
    this.timer = undefined;
    const all = KINDS.map((kind) => [kind, [...this.due[kind]]] as const).filter(([, servers]) => servers.length > 0);
    for (const kind of KINDS) this.due[kind].clear();
    for (const session of this.sessions.all)
      this.tellOne(
        { caller: session.caller, server: session.server, changed: (kind) => session.say(`notifications/${kind}/list_changed`) },
        all,
      );
    for (const listener of this.listeners) this.tellOne(listener, all);
  }

  private tellOne(listener: ListListener, due: readonly (readonly [ListKind, readonly (string | undefined)[]])[]): void {
    const view = this.views.known(listener.caller);
    const isSeen = (name: string | undefined): boolean =>
      name === undefined || ((listener.server === undefined || listener.server === name) && view.permitsServer(name));
    for (const [kind, servers] of due) if (servers.some(isSeen)) listener.changed(kind);
  }
}
