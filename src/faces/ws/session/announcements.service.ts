import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ToolCatalog } from '../../../discovery/tool-catalog.service.js';
import { McpClient } from '../../../mcp-client/mcp-client.service.js';
import type { Upstream } from '../../../mcp-client/upstream.js';
import type { CallerView } from '../../../view/caller-view.js';
import { CallerViews } from '../../../view/caller-views.service.js';
import { ServerReports } from '../../../view/server-reports.service.js';
import type { Topic } from '../frames/inbound-data.js';
import type { InboundFrame } from '../frames/inbound-frame.js';
import { Sessions } from './sessions.service.js';
import type { SocketSession } from './socket-session.js';

/** Changes within this time are told as one. */
const MERGE_MS = 50;

/** Tells sessions that subscribed to it that tools are others now, and how servers are. */
@Injectable()
export class Announcements implements OnModuleInit {
  /** Servers whose state or whose tools are others than was told. */
  private readonly due: Readonly<Record<Topic, Set<string>>> = { tools_changed: new Set(), server_state: new Set() };
  private areServersOthers = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sessions: Sessions,
    private readonly catalog: ToolCatalog,
    private readonly mcpClient: McpClient,
    private readonly views: CallerViews,
    private readonly reports: ServerReports,
  ) {}

  onModuleInit(): void {
    this.catalog.onChange((changed) => {
      if (changed) this.due.tools_changed.add(changed.name);
      else this.areServersOthers = true;
      this.tellSoon();
    });
    for (const upstream of this.mcpClient.upstreams) this.follow(upstream);
    this.mcpClient.on('servers', ({ added, removed, replaced }) => {
      for (const upstream of [...added, ...replaced.map(({ after }) => after)]) this.follow(upstream);
      for (const { name } of [...added, ...removed, ...replaced.map(({ after }) => after)]) this.noteState(name);
    });
  }

  /** What is told from now on; tells at once how all of it is. */
  subscribe(session: SocketSession, { correlationId, data }: InboundFrame<'subscribe'>): void {
    session.topics = new Set(data.topics);
    this.sessions.use(session);
    const view = this.views.known(session.caller);
    if (session.topics.has('tools_changed')) tellTools(session, view, correlationId);
    if (!session.topics.has('server_state')) return;
    for (const report of this.reports.for(view)) session.send('server_state', correlationId, JSON.stringify(report));
  }

  private follow(upstream: Upstream): void {
    upstream.on('state', ({ name }) => this.noteState(name));
  }

  private noteState(name: string): void {
    this.due.server_state.add(name);
    this.tellSoon();
  }

  private tellSoon(): void {
    this.timer ??= setTimeout(() => this.tell(), MERGE_MS).unref();
  }

  private tell(): void {
    this.timer = undefined;
    for (const session of this.sessions.all) if (session.topics.size > 0) this.tellSession(session);
    this.areServersOthers = false;
    for (const names of Object.values(this.due)) names.clear();
  }

  private tellSession(session: SocketSession): void {
    const view = this.views.known(session.caller);
    const isSeen = (name: string): boolean => view.permitsServer(name);
    const areOthers = this.areServersOthers || [...this.due.tools_changed].some(isSeen);
    if (areOthers && session.topics.has('tools_changed')) tellTools(session, view, undefined);
    if (session.topics.has('server_state')) this.tellStates(session, view, [...this.due.server_state].filter(isSeen));
  }

  private tellStates(session: SocketSession, view: CallerView, names: readonly string[]): void {
    if (names.length === 0) return;
    const reports = this.reports.for(view);
    for (const name of names) {
      const report = reports.find((each) => each.name === name) ?? { name, state: 'removed' };
      session.send('server_state', undefined, JSON.stringify(report));
    }
  }
}

function tellTools(session: SocketSession, view: CallerView, correlationId: string | undefined): void {
  session.send('tools_changed', correlationId, JSON.stringify({ revision: view.permitted.revision }));
}
