import type { ServerResponse } from 'node:http';
import { toolList } from '../tool-lists.ts';

interface ServerState {
  changes: number;
  /** One of each session. */
  readonly streams: Set<ServerResponse>;
  /** Answered when the server has been listed anew. */
  waiting: ServerResponse[];
}

const CHANGED = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });

/** The lists of many servers, each under the first part of its path; one tool of a list changes when it is told to. */
export class ChangingLists {
  private readonly servers = new Map<string, ServerState>();
  private readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  /** Keeps a standing stream of a server. */
  open(url: string, response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    const { streams } = this.stateOf(url);
    streams.add(response);
    response.on('close', () => streams.delete(response));
  }

  change(url: string, response: ServerResponse): void {
    const state = this.stateOf(url);
    state.changes += 1;
    state.waiting.push(response);
    for (const stream of state.streams) stream.write(`event: message\ndata: ${CHANGED}\n\n`);
  }

  /** The tools of a server as they are now; descriptions are those of no other server. */
  list(url: string): Record<string, unknown>[] {
    const state = this.stateOf(url);
    for (const response of state.waiting.splice(0)) setImmediate(() => response.writeHead(204).end());
    const changed = { at: (state.changes * 37) % this.count, description: `Change ${state.changes}` };
    const tools = toolList(this.count, state.changes === 0 ? undefined : changed);
    return tools.map((tool) => ({ ...tool, description: `${nameOf(url)}: ${String(tool['description'])}` }));
  }

  private stateOf(url: string): ServerState {
    const name = nameOf(url);
    let state = this.servers.get(name);
    if (!state) this.servers.set(name, (state = { changes: 0, streams: new Set(), waiting: [] }));
    return state;
  }
}

function nameOf(url: string): string {
  return url.split('/', 2)[1] ?? '';
}
