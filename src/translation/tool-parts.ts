import {
  inTurns,
  type McpTool,
  type OpenApiOperation,
  OperationIdGiver,
  operationOf,
  perTool,
  type PublishedTool,
  tellApart,
} from '@app/mcp-openapi';
import type { CatalogEntry } from '../discovery/catalog-snapshot.js';
import { EventLoopYield } from '../event-loop/event-loop-yield.js';
import { type DocumentPart, toPart } from './document-part.js';

/** A tool with the server that it is of; undefined for one of the gateway itself. */
export type ShownTool = PublishedTool & Pick<CatalogEntry, 'upstream'>;

interface KnownOperation {
  readonly publishedName: string;
  readonly operationId: string;
  /** A promise only while it is being made: awaiting a thousand that are there would cost more than all else. */
  operation: OpenApiOperation | Promise<OpenApiOperation>;
}

/**
 * What documents say of each tool, as bytes. Kept for as long as the catalogue holds the tool: a new list costs what it changes.
 */
export class ToolParts {
  private readonly operations = new WeakMap<McpTool, KnownOperation>();
  private readonly operationPart = perTool((operation: OpenApiOperation) => toPart(`"post":${JSON.stringify(operation)}`));
  private readonly keysOf = perTool<DocumentPart, Map<string, DocumentPart>>(() => new Map());
  private readonly mcpParts = new WeakMap<McpTool, { readonly publishedName: string; readonly part: DocumentPart }>();

  /** What the path item of each tool holds, in order: `"post": operation`. */
  async operationsOf(entries: readonly ShownTool[]): Promise<DocumentPart[]> {
    const yielding = new EventLoopYield();
    const ids = new OperationIdGiver();
    const operations: OpenApiOperation[] = [];
    for (const entry of entries) {
      const operation = this.operationOf(entry, ids.next(entry, entry.upstream?.settings.operationIds), yielding);
      operations.push(operation instanceof Promise ? await operation : operation);
      if (yielding.isDue) await yielding.yieldNow();
    }
    const parts: DocumentPart[] = [];
    for (const operation of await yielding.through(tellApart(operations))) {
      parts.push(this.operationPart(operation));
      if (yielding.isDue) await yielding.yieldNow();
    }
    return parts;
  }

  /** The beginning of the path item around what {@link operationsOf} gives: one for each kind of document. */
  keyOf(operation: DocumentPart, path: string): DocumentPart {
    const keys = this.keysOf(operation);
    let key = keys.get(path);
    if (!key) keys.set(path, (key = toPart(`${JSON.stringify(path)}:{`)));
    return key;
  }

  /** Each tool as `tools/list` gives it, in order. */
  async mcpOfAll(entries: Iterable<PublishedTool>): Promise<DocumentPart[]> {
    const yielding = new EventLoopYield();
    const parts: DocumentPart[] = [];
    for (const entry of entries) {
      parts.push(this.mcpOf(entry));
      if (yielding.isDue) await yielding.yieldNow();
    }
    return parts;
  }

  /** The tool as `tools/list` gives it, under its published name. */
  mcpOf({ tool, publishedName }: PublishedTool): DocumentPart {
    const known = this.mcpParts.get(tool);
    if (known?.publishedName === publishedName) return known.part;
    const part = toPart(JSON.stringify({ ...tool, name: publishedName }));
    this.mcpParts.set(tool, { publishedName, part });
    return part;
  }

  private operationOf(entry: ShownTool, operationId: string, yielding: EventLoopYield): OpenApiOperation | Promise<OpenApiOperation> {
    const { tool, publishedName, upstream } = entry;
    const known = this.operations.get(tool);
    if (known?.publishedName === publishedName && known.operationId === operationId) return known.operation;
    const making = inTurns(operationOf({ ...entry, inlineHtml: upstream?.settings.inlineHtml }, operationId), async () => {
      if (yielding.isDue) await yielding.yieldNow();
    });
    const made: KnownOperation = { publishedName, operationId, operation: making };
    this.operations.set(tool, made);
    if (making instanceof Promise) making.then((operation) => (made.operation = operation)).catch(() => this.operations.delete(tool));
    return making;
  }
}
