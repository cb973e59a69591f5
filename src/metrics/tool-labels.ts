import type { PublishedTool } from '@app/mcp-openapi';

/** So many tools have a label of their own: each is a time series for each way in which a call can end. */
const MAX_TOOLS = 200;
const OTHERS = 'other';

/** Names of tools as labels: those that are called first have their own, all others share one. */
export class ToolLabels {
  private readonly known = new Map<string, string>();

  of({ server, publishedName }: Pick<PublishedTool, 'server' | 'publishedName'>): string {
    if (this.known.has(publishedName)) return publishedName;
    if (this.known.size >= MAX_TOOLS) return OTHERS;
    this.known.set(publishedName, server);
    return publishedName;
  }

  /** The tools of a server that is gone make room for others. */
  forget(server: string): void {
    for (const [name, ofServer] of this.known) if (ofServer === server) this.known.delete(name);
  }
}
