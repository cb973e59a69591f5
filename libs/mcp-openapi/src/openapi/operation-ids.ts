import type { PublishedTool } from './openapi-types.js';

/** How operations are called: as their tools, or as mcpo calls them, by which settings of Open WebUI may know them. */
export type OperationIds = 'tool' | 'mcpo';

/** A longer name of a function is refused by model providers. */
const MAX_LENGTH = 64;

/** Gives each operation of one document its id, once each, in their order. */
export class OperationIdGiver {
  private readonly given = new Set<string>();

  /** That of the tool where mcpo's would be too long, or is another's already. */
  next({ publishedName }: PublishedTool, style: OperationIds | undefined): string {
    if (style !== 'mcpo') return publishedName;
    const mcpos = `tool_${publishedName.replaceAll(/\W/g, '_')}_post`;
    const id = mcpos.length > MAX_LENGTH || this.given.has(mcpos) ? publishedName : mcpos;
    this.given.add(id);
    return id;
  }
}
